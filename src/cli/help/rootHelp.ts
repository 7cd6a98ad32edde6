// What `codexfs --help` says: examples first, then every command in a line.

import { type CommandEntry, commandGroups } from '../commands/CommandTree.js';
import { topicNames } from './topicNames.js';

const beginning = `Usage: codexfs COMMAND [OPTION]… LOCATION…

Copy files to and from Codex exec-servers: what scp is to ssh servers.

Examples (box is a remote: --remote box=ws://HOST:PORT, or a configured one):
  codexfs cp model.bin box:w/            upload
  codexfs cp -r box:logs .               download a directory
  tar c src | codexfs cp - box:src.tar   upload what a program writes
  codexfs cat box:log | grep error       read what is there
  codexfs serve                          serve the files of this machine
`;

const end = `
codexfs COMMAND --help tells more, and so do codexfs help TOPIC and man codexfs.
Topics: ${topicNames.join(', ')}.
`;

/** The help of the program itself, at most 40 lines. */
export function rootHelp(commands: readonly CommandEntry[]): string {
  const shown = commands.filter(({ isHidden }) => isHidden !== true);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const groups = Object.entries(commandGroups).map(([group, title]) => {
    const lines = shown
      .filter((entry) => entry.group === group)
      .map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return lines.length === 0 ? '' : `${title}:\n${lines.join('\n')}\n`;
  });
  return `${beginning}\n${groups.join('')}${end}`;
}

// How codexfs diff is called.

import type { Command } from 'commander';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareDiff(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION LOCATION')
    .option('-r, --recursive', 'compare what is in the directories below too')
    .option('--brief', 'say that files differ, and not in what; also -q')
    .addHelpText('after', examples);
  addRecordOptions(command);
  tree.onCall(command, async (words) => {
    const { runDiff } = await import('../diff/diffCommand.js');
    return (run) => runDiff(words, command.opts(), run);
  });
}

const examples = `
Small texts are compared line by line, other files byte by byte. The exit status is 0 if nothing differs, 1 if something does, and
2 if something could not be compared.

Examples:
  codexfs diff -r ./build box:build
  codexfs diff nginx.conf box:/etc/nginx
`;

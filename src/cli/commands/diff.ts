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
  const load = async (words: readonly string[]) => {
    const { runDiff } = await import('../diff/diffCommand.js');
    return (run: Parameters<typeof runDiff>[2]) => runDiff(words, command.opts(), run);
  };
  tree.onCall(command, load, { exitStatus: '0 nothing differs, 1 something does, 2 trouble' });
}

const examples = `
Small texts are compared line by line, other files byte by byte.

Examples:
  codexfs diff -r ./build box:build
  codexfs diff nginx.conf box:/etc/nginx`;

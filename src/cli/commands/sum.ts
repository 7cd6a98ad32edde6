// How codexfs sum is called.

import type { Command } from 'commander';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareSum(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…\n       codexfs sum [OPTION]… --check FILE [DIRECTORY]')
    .option('-r, --recursive', 'the files in directories too')
    .option('-z, --zero', 'end each line with a NUL, and escape no names')
    .option('-c, --check <FILE>', 'read sums from FILE, and say which files still have theirs')
    .option('--ignore-missing', 'with -c, pass over files that are not there')
    .option('--strict', 'with -c, fail for lines that are no sums')
    .option('--status', 'with -c, say nothing; the exit status tells')
    .addHelpText('after', examples);
  addRecordOptions(command);
  const load = async (words: readonly string[]) => {
    const { runSum } = await import('../sum/sumCommand.js');
    return (run: Parameters<typeof runSum>[2]) => runSum(words, command.opts(), run);
  };
  const exitStatus = '0 all done, 1 changed or some failed, else: codexfs help exit-codes';
  tree.onCall(command, load, { mayBeAlone: true, exitStatus });
}

const examples = `
Sums are SHA-256, in the form of sha256sum(1): each can check what the other has
written. With -c and -q only files that changed are named.

Examples:
  codexfs sum box:model.bin
  sha256sum * | codexfs sum -c - box:dist   the files here against those there
  codexfs sum -r box:data > data.sums; codexfs sum -q -c data.sums`;

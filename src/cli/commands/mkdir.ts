// How codexfs mkdir is called.

import type { Command } from 'commander';
import type { CommandTree } from './CommandTree.js';

export function declareMkdir(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('-p, --parents', 'make what is missing above it too, and accept a directory that exists')
    .addHelpText('after', examples);
  tree.onCall(command, async (words) => {
    const { runMkdir } = await import('../change/mkdirCommand.js');
    return (run) => runMkdir(words, command.opts(), run);
  });
}

const examples = `
Examples:
  codexfs mkdir box:inbox
  codexfs mkdir -p box:/srv/data/2026/11`;

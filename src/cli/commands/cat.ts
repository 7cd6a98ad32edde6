// How codexfs cat is called.

import type { Command } from 'commander';
import { addReportOption } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareCat(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('--range <RANGE>', 'only these bytes: A-B (both included, from 0), A- or -N (the last N)')
    .addHelpText('after', examples);
  addReportOption(command);
  tree.onCall(command, async (words) => {
    const { runCat } = await import('../look/catCommand.js');
    return (run) => runCat(words, command.opts(), run);
  });
}

const examples = `
Examples:
  codexfs cat box:log | grep error
  codexfs cat --range -1000 box:log     the last 1000 bytes`;

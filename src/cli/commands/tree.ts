// How codexfs tree is called.

import type { Command } from 'commander';
import { countOption } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareTree(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .addOption(countOption('-L, --level <N>', 'look N directories deep'))
    .option('-d, --dirs', 'draw directories only')
    .option('-a, --all', 'draw also what begins with a dot')
    .option('-l, --follow', 'enter links to directories')
    .addHelpText('after', examples);
  tree.onCall(command, async (words) => {
    const { runTree } = await import('../tree/treeCommand.js');
    return (run) => runTree(words, command.opts(), run);
  });
}

const examples = `
Examples:
  codexfs tree -L 2 box:
  codexfs tree -d box:/srv`;

// How codexfs ls is called.

import type { Command } from 'commander';
import type { CommandTree } from './CommandTree.js';

export function declareLs(command: Command, tree: CommandTree): void {
  command.usage('[OPTION]… LOCATION…').option('-l, --long', 'with type, size and time of modification');
  tree.onCall(command, async (words) => {
    const { runLs } = await import('../look/lsCommand.js');
    return (run) => runLs(words, command.opts(), run);
  });
}

// How a shell asks for completions: `codexfs __complete SHELL -- WORD…`, and for bash `codexfs __complete bash -- BREAKS LINE`.

import type { Command } from 'commander';
import type { CommandTree } from './CommandTree.js';

export function declareComplete(command: Command, tree: CommandTree): void {
  command.argument('[words...]').action(async ([shell, ...words]: string[]) => {
    const { complete } = await import('../completion/complete.js');
    await complete(shell, words, tree);
  });
}

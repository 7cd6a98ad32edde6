// How codexfs completion is called.

import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { type Shell, shells } from '../completion/shells.js';
import type { CommandTree } from './CommandTree.js';

export function declareCompletion(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… bash|zsh|fish')
    .argument('[shell]')
    .configureHelp({ visibleArguments: () => [] })
    .addHelpText('after', examples)
    .action(async (name: string | undefined) => tree.host.output.data(await scriptFor(name)));
}

async function scriptFor(name: string | undefined): Promise<string> {
  const shell = shells.find((candidate): candidate is Shell => candidate === name);
  if (shell === undefined) {
    const problem = name === undefined ? 'which shell?' : `there is no completion for \`${name}\``;
    throw new UsageError(problem, { hint: `one of ${shells.join(', ')}` });
  }
  const { scripts } = await import('../completion/scripts.js');
  return scripts[shell];
}

const examples = `
Examples:
  source <(codexfs completion bash)     in ~/.bashrc
  source <(codexfs completion zsh)      in ~/.zshrc, behind compinit
  codexfs completion fish | source      in ~/.config/fish/config.fish

Paths of a server that takes longer than 200 ms to answer are not offered;
CODEXFS_COMPLETE_MS=1000 waits for a second.

Exit status: 0 written, 2 no such shell
`;

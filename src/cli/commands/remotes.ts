// How codexfs remotes is called.

import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareRemotes(command: Command, tree: CommandTree): void {
  addRecordOptions(command.usage('[OPTION]…')).addHelpText('after', examples);
  tree.onCall(
    command,
    async (words) => {
      const [extra] = words;
      if (extra !== undefined) {
        throw new UsageError(`remotes takes no words, and there is \`${extra}\``, {
          hint: 'codexfs doctor NAME tells about one remote',
        });
      }
      const { listRemotes } = await import('../remotes/remotesCommand.js');
      return (run) => listRemotes(run);
    },
    { mayBeAlone: true },
  );
}

const examples = `
A star stands before the default remote, which :PATH is on.

Examples:
  codexfs remotes
  codexfs remotes --json | jq -r 'select(.type == "remote").name'`;

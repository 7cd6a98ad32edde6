// How codexfs doctor is called.

import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareDoctor(command: Command, tree: CommandTree): void {
  addRecordOptions(command.usage('[OPTION]… NAME[:DIRECTORY]')).addHelpText('after', examples);
  tree.onCall(command, async (words) => {
    const [word, extra] = words;
    if (word === undefined || extra !== undefined) throw new UsageError('doctor takes one remote');
    const { runDoctor } = await import('../doctor/doctorCommand.js');
    return (run) => runDoctor(word, run);
  });
}

const examples = `
Examples:
  codexfs doctor box        what the server of box can do, and how fast
  codexfs doctor box:/data  the same, measured with a file in /data`;

// How codexfs stat is called.

import type { Command } from 'commander';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareStat(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('-f, --format <FORMAT>', 'write by FORMAT: %n name, %s bytes, %y modified, %F type, \\n line end')
    .addHelpText('after', examples);
  addRecordOptions(command);
  tree.onCall(command, async (words) => {
    const { runStat } = await import('../look/statCommand.js');
    return (run) => runStat(words, command.opts(), run);
  });
}

const examples = `
Examples:
  codexfs stat box:model.bin
  codexfs stat -f '%s %n' 'box:*.bin'`;

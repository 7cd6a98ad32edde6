// How codexfs ls is called.

import { type Command, Option } from 'commander';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareLs(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('-l, --long', 'with type, size and time of modification')
    .option('-R, --recursive', 'what is in the directories below too')
    .option('-d, --directory', 'directories themselves, and not what is in them')
    .option('-S, --sort-by-size', 'the largest first')
    .option('-t, --sort-by-time', 'the newest first')
    .option('-r, --reverse', 'the other way around')
    .option('-h, --human-readable', 'sizes as 1.50G')
    // What everybody's fingers type: names that begin with a dot are listed anyway, and one name a line.
    .addOption(new Option('-a, --all').hideHelp())
    .addOption(new Option('-A, --almost-all').hideHelp())
    .addOption(new Option('-1').hideHelp())
    .helpOption('--help', 'print help')
    .addHelpText('after', examples);
  addRecordOptions(command);
  tree.onCall(command, async (words) => {
    const { runLs } = await import('../look/lsCommand.js');
    return (run) => runLs(words, command.opts(), run);
  });
}

const examples = `
Examples:
  codexfs ls -l box:logs
  codexfs ls -ltr 'box:logs/*.gz'       the newest last
  codexfs ls -R box:src`;

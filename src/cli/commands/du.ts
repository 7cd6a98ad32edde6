// How codexfs du is called.

import { type Command, Option } from 'commander';
import { addRecordOptions, countOption } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareDu(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('-s, --summarize', 'only the total of each location')
    .addOption(countOption('-d, --max-depth <N>', 'no directories that are more than N deep', { least: 0 }))
    .option('-a, --all', 'files too')
    .option('-c, --total', 'the sum of all locations at the end')
    .option('-h, --human-readable', 'sizes as 1.50G')
    .option('-b, --bytes', 'sizes in bytes; in KiB otherwise')
    .addOption(new Option('-k').hideHelp())
    .option('-L, --follow', 'enter links to directories, and count what links lead to')
    .helpOption('--help', 'print help')
    .addHelpText('after', examples);
  addRecordOptions(command);
  tree.onCall(command, async (words) => {
    const { runDu } = await import('../tree/duCommand.js');
    return (run) => runDu(words, command.opts(), run);
  });
}

const examples = `
Sizes are those of the contents of files, which is what a copy would move.
Directories and links have none.

Examples:
  codexfs du -sh box:logs box:data
  codexfs du -d 1 box:/srv | sort -n`;

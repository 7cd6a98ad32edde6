// How codexfs find is called.

import { type Command, Option } from 'commander';
import { addRecordOptions, collect, countOption } from '../options.js';
import { singleDashes } from '../singleDashes.js';
import type { CommandTree } from './CommandTree.js';

/** What find(1) has and this has not. */
const foreignWords = [
  '-o',
  '-or',
  '-a',
  '-and',
  '!',
  '-not',
  '(',
  ')',
  '-exec',
  '-execdir',
  '-ok',
  '-delete',
  '-prune',
];

export function declareFind(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('--name <GLOB>', 'names that match: * ? […] {a,b}', collect)
    .option('--iname <GLOB>', 'the same, whatever the case of letters', collect)
    .option('--type <LETTERS>', 'f files, d directories, l links; several as f,l')
    .option('--size <[+-]SIZE>', 'files of more (+), less (-) or exactly SIZE: bytes, or with K, M, G', collect)
    .option('--mtime <[+-]AGE>', 'modified longer ago (+) or less long ago (-): days, or with s, m, h, w', collect)
    .option('--newer <LOCATION>', 'modified after LOCATION was')
    .addOption(countOption('--mindepth <N>', 'nothing that is less than N directories deep', { least: 0 }))
    .addOption(countOption('--maxdepth <N>', 'nothing that is more than N directories deep', { least: 0 }))
    .option('-0, --print0', 'end each location with a NUL and not with a line end')
    .option('-L, --follow', 'enter links to directories, and take links for what they lead to')
    .addOption(new Option('--print').hideHelp())
    .addHelpText('after', examples);
  addRecordOptions(command);
  singleDashes(
    command,
    ['name', 'iname', 'type', 'size', 'mtime', 'newer', 'mindepth', 'maxdepth', 'print0', 'print'],
    foreignWords,
  );
  tree.onCall(command, async (words) => {
    const { runFind } = await import('../tree/findCommand.js');
    return (run) => runFind(words, command.opts(), run);
  });
}

const examples = `
Every option is a test, and what passes them all is written. One dash is enough:
-name, -type, -maxdepth.

Examples:
  codexfs find box:logs --name '*.{gz,xz}' --mtime +30
  codexfs find box: --type f --size +100M
  codexfs find box:logs --type f -0 | xargs -0 codexfs rm`;

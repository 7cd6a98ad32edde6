// How codexfs rm is called.

import { type Command, Option } from 'commander';
import { addRecordOptions } from '../options.js';
import type { CommandTree } from './CommandTree.js';

export function declareRm(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… LOCATION…')
    .option('-r, --recursive', 'remove directories and what is in them; also -R')
    .addOption(new Option('-R').hideHelp())
    .option('-f, --force', 'what is missing is no failure')
    .addHelpText('after', examples);
  addRecordOptions(command);
  command.on('option:R', () => command.setOptionValue('recursive', true));
  const load = async (words: readonly string[]) => {
    const { runRm } = await import('../change/rmCommand.js');
    return (run: Parameters<typeof runRm>[2]) => runRm(words, command.opts(), run);
  };
  tree.onCall(command, load, { mayBeAlone: true });
}

const examples = `
Examples:
  codexfs rm box:old.log box:older.log
  codexfs rm -r box:build               a directory with all that is in it
  codexfs rm -rv box:build              the same, and say what is removed

A root, the working directory of a server and what holds it are never removed.`;

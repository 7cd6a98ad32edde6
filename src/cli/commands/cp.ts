// How codexfs cp is called.

import { type Command, Option } from 'commander';
import { UsageError } from '../../errors.js';
import type { CpOptions } from '../cp/cpOperands.js';
import { addPolicyOptions } from '../cp/cpPolicies.js';
import { addFilterOptions } from '../filterOptions.js';
import { groupOptions } from '../optionGroups.js';
import { addRecordOptions, countOption, jobsOption, oneOf, type RecordOptions } from '../options.js';
import { refuseForeignOptions } from '../refusedOptions.js';
import type { CommandTree } from './CommandTree.js';

export function declareCp(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… SOURCE… DESTINATION')
    .option('-r, --recursive', 'copy directories and what is in them; also -R')
    .addOption(new Option('-R').hideHelp())
    .addOption(oneOf('--links', 'HOW', ['follow', 'skip'], 'symbolic links in directories'))
    .option('-t, --target-directory <DIR>', 'copy all SOURCEs into DIR')
    .option('-T, --no-target-directory', 'treat DESTINATION as a file, never as a directory to copy into')
    .option('--parents', 'keep the directories that are typed before each SOURCE')
    .option('--files-from <FILE>', 'copy what FILE, or - for standard input, lists of the one SOURCE directory')
    .option('-0, --null', 'the names of --files-from end in NUL, not in a line end')
    .option('--range <RANGE>', 'copy only these bytes of one file: A-B (both included, from 0), A- or -N (the last N)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(jobsOption())
    .option('--fail-fast', 'begin nothing after the first failure')
    .addOption(countOption('--max-errors <N>', 'begin nothing after N failures'))
    .addHelpText('after', examples);
  addFilterOptions(command);
  addPolicyOptions(command);
  addRecordOptions(command);
  command.on('option:R', () => command.setOptionValue('recursive', true));
  refuseForeignOptions(command);
  groupOptions(command);
  tree.onCall(command, async (words) => {
    refuseRecordsAmongData(words, command.opts());
    const { runCp } = await import('../cp/cpCommand.js');
    return (run) => runCp(words, command.opts(), run);
  });
}

/** Here, before anything could write a record. */
function refuseRecordsAmongData(words: readonly string[], { json, targetDirectory }: CpOptions & RecordOptions): void {
  const destination = typeof targetDirectory === 'string' ? targetDirectory : words.at(-1);
  if (!json || destination !== '-') return;
  throw new UsageError('the copy goes to standard output, and so would the records of --json', {
    hint: '--report FILE writes them to a file',
  });
}

const examples = `
Examples:
  codexfs cp a.txt b.txt box:inbox/     upload into a directory, made if missing
  codexfs cp box:a.txt .                download
  codexfs cp -r box:logs .              a directory with all that is in it
  codexfs cp one:a.txt two:a.txt        from one server to another
  tar c dir | codexfs cp - box:dir.tar  upload what a program writes`;

// How codexfs sync is called.

import { type Command, Option } from 'commander';
import { addTransferOptions } from '../cp/cpPolicies.js';
import { addFilterOptions } from '../filterOptions.js';
import { groupOptions } from '../optionGroups.js';
import { addRecordOptions, countOption, jobsOption, oneOf } from '../options.js';
import { refuseForeignOptions } from '../refusedOptions.js';
import { valuesBehindEquals } from '../valuesBehindEquals.js';
import type { CommandTree } from './CommandTree.js';

export function declareSync(command: Command, tree: CommandTree): void {
  command
    .usage('[OPTION]… SOURCE DIRECTORY')
    .option('--delete', 'remove from DIRECTORY what SOURCE has not, at the end and only if all went well')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('-c, --checksum', 'compare files by their content, not by size and time')
    .addOption(oneOf('--links', 'HOW', ['follow', 'skip'], 'symbolic links in directories'))
    .addOption(jobsOption())
    .option('--fail-fast', 'begin nothing after the first failure')
    .addOption(countOption('--max-errors <N>', 'begin nothing after N failures'))
    .addHelpText('after', examples);
  for (const flags of ['-r, --recursive', '-a, --archive']) command.addOption(new Option(flags).hideHelp());
  addFilterOptions(command);
  addTransferOptions(command);
  valuesBehindEquals(command, ['--preserve']);
  addRecordOptions(command);
  refuseForeignOptions(command);
  groupOptions(command);
  tree.onCall(command, async (words) => {
    const { runSync } = await import('../sync/syncCommand.js');
    return (run) => runSync(words, command.opts(), run);
  });
}

const examples = `
Examples:
  codexfs sync site box:/srv/site                     copy what differs
  codexfs sync --delete --dry-run site box:/srv/site  see first what would go
  codexfs sync --exclude '*.tmp' box:results results  leave some out`;

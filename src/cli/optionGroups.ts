// The many options of cp and sync in the groups in which people look for them.

import { type Command, Option } from 'commander';

/** Titles in the order of the help, each with the long names of its options. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'Which files:': ['recursive', 'links', 'exclude', 'include', 'exclude-from', 'files-from', 'null', 'range', 'delete'],
  'Where they go:': ['target-directory', 'no-target-directory', 'parents', 'atomic'],
  'What exists already:': ['no-clobber', 'update', 'interactive', 'backup', 'checksum', 'continue'],
  'What is kept and checked:': ['preserve', 'archive', 'verify'],
  'How fast, how long:': ['jobs', 'bwlimit', 'window', 'chunk', 'fail-fast', 'max-errors'],
  'What is told:': ['dry-run', 'json', 'report'],
};

/** Sorts the options that `command` has by now into their groups; what is in none comes last. */
export function groupOptions(command: Command): void {
  const titleOf = new Map(Object.entries(groups).flatMap(([title, names]) => names.map((name) => [name, title])));
  const order = [...titleOf.keys()];
  const place = (option: Option) => {
    const index = order.indexOf(longName(option));
    return index < 0 ? order.length : index;
  };
  // Commander shows groups and options in the order in which it has them.
  const options: Option[] = [...command.options].sort((a, b) => place(a) - place(b));
  (command.options as Option[]).splice(0, options.length, ...options);
  for (const option of options) {
    const title = titleOf.get(longName(option));
    if (title !== undefined) option.helpGroup(title);
  }
  command.addHelpOption(new Option('-h, --help', 'print help').helpGroup('What is told:'));
}

function longName({ long }: Option): string {
  return long?.replace(/^--/, '') ?? '';
}

// Options whose value may be left out, as GNU programs have them: `--backup` and `--backup=SUFFIX`, but never `--backup SUFFIX`,
// whose second word is an operand. Commander would take it for the value.

import { type Command, Option } from 'commander';

/** Makes `command` take `--NAME=VALUE` for each of `names`, as the option value `NAMEValue`. */
export function valuesBehindEquals(command: Command, names: readonly string[]): void {
  for (const name of names) command.addOption(new Option(`${name}-value <VALUE>`).hideHelp());
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (words) => parse(beforeOperands(words, (word) => renamed(word, names)));
}

function renamed(word: string, names: readonly string[]): string {
  const name = names.find((candidate) => word.startsWith(`${candidate}=`));
  return name === undefined ? word : `${name}-value${word.slice(name.length)}`;
}

/** Behind `--` every word is an operand. */
function beforeOperands(words: readonly string[], change: (word: string) => string): string[] {
  const end = words.indexOf('--');
  return words.map((word, index) => (end >= 0 && index >= end ? word : change(word)));
}

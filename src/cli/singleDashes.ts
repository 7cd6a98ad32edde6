// Options with one dash and a word, as find has them: `-name GLOB` is `--name GLOB`. Commander would take `-n ame`.

import type { Command } from 'commander';
import { UsageError } from '../errors.js';

/** Makes `command` take its options `names` with one dash too, and refuse what find has and it has not. */
export function singleDashes(command: Command, names: readonly string[], refused: readonly string[]): void {
  const parse = command.parseOptions.bind(command);
  const takesValue = (word: string) =>
    command.options.some(({ short, long, required }) => required && (short === word || long === word));
  command.parseOptions = (words) => {
    const changed: string[] = [];
    let isValue = false;
    for (const [index, word] of words.entries()) {
      if (word === '--' && !isValue) return parse([...changed, ...words.slice(index)]);
      if (!isValue && refused.includes(word)) {
        throw new UsageError(`${word} is not among what ${command.name()} can do`, {
          hint: `pipe what it writes with --print0 into xargs -0; codexfs ${command.name()} --help tells more`,
        });
      }
      const isSingle = !isValue && word.startsWith('-') && names.includes(word.slice(1));
      const option: string = isSingle ? `-${word}` : word;
      changed.push(option);
      isValue = !isValue && takesValue(option);
    }
    return parse(changed);
  };
}

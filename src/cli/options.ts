// Options that several commands have, and kinds of options: one of a few words, a number of things, a list.

import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { limits } from '../protocol/limits.js';

/** An option that takes one of a few words. */
export class WordOption extends Option {
  /** What completion offers as its value. */
  readonly words: readonly string[];

  constructor(flags: string, words: readonly string[], description: string) {
    super(flags, description);
    this.words = words;
  }
}

export interface RecordOptions {
  readonly json?: boolean;
  readonly report?: string;
}

/** Lets `command` tell what it does in records. The run writes its failures and its summary there by itself. */
export function addRecordOptions(command: Command): Command {
  return addReportOption(command.option('--json', 'write one JSON object a line to standard output'));
}

/** The same for a command whose standard output is data. */
export function addReportOption(command: Command): Command {
  return command.option('--report <FILE>', 'write one JSON object a line to FILE');
}

/** An option with a few words as values, listed in help and in the error for another one. */
export function oneOf(flag: string, placeholder: string, words: readonly string[], description: string): Option {
  const shown = words.join(', ');
  const help = words.length === 1 ? description : `${description}: ${shown}`;
  return new WordOption(`${flag} <${placeholder}>`, words, help).argParser((value: string) => {
    if (words.includes(value)) return value;
    throw new UsageError(`${flag}: \`${value}\` is not one of ${shown}`, { hint: `as in ${flag}=${words[0]}` });
  });
}

/** An option whose value is a number of things, at least `least`. */
export function countOption(
  flags: string,
  description: string,
  { least = 1 }: { readonly least?: number } = {},
): Option {
  return new Option(flags, description).argParser((value: string) => {
    const count = Number(value);
    if (/^\d+$/.test(value) && count >= least && Number.isSafeInteger(count)) return count;
    throw new UsageError(`${flags.replace(/^-\w, | <.*/g, '')}: \`${value}\` is not a number of ${least} or more`);
  });
}

/** For an option that may be given several times: its values in order. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** How many files a command that copies many copies at a time. */
export function jobsOption(): Option {
  const description = `copy up to N files at a time (default ${limits.filesInFlight}, more at a distance)`;
  return countOption('-j, --jobs <N>', description);
}

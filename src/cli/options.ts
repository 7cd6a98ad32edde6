// Kinds of options that several commands have: one of a few words, a number of things, a list.

import { Option } from 'commander';
import { UsageError } from '../errors.js';

/** An option with a few words as values, listed in help and in the error for another one. */
export function oneOf(flag: string, placeholder: string, words: readonly string[], description: string): Option {
  const shown = words.join(', ');
  const help = words.length === 1 ? description : `${description}: ${shown}`;
  return new Option(`${flag} <${placeholder}>`, help).argParser((value: string) => {
    if (words.includes(value)) return value;
    throw new UsageError(`${flag}: \`${value}\` is not one of ${shown}`);
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

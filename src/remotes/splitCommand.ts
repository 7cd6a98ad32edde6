// Splits `exec:` commands into words as a shell would, without running one: blanks, quotes and backslashes, nothing else.

import { UsageError } from '../errors.js';

/** The words of `text`. @throws {UsageError} when a quote is not closed */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  const pattern = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)|([\s\S])/g;
  let word: string | undefined;
  for (const [piece, single, double, escaped, plain, stray] of text.matchAll(pattern)) {
    if (stray !== undefined) throw new UsageError(`the command \`${text}\` has a quote or backslash without its end`);
    const value = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (value === undefined && piece.trim() === '') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + value;
  }
  if (word !== undefined) words.push(word);
  return words;
}

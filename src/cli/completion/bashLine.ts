// bash's view of a command line: how it divides one into words, and what it wants inserted for a word.

export interface BashLine {
  /** The words, unquoted, the last one being typed. */
  readonly words: readonly string[];
  /** The quote that is still open in the last word. */
  readonly quote: '' | '"' | "'";
}

/** Divides `line`, which ends where the cursor is. A quote may be open, and a backslash the last character. */
export function splitBashLine(line: string): BashLine {
  const words: string[] = [''];
  let quote: BashLine['quote'] = '';
  const add = (text: string) => words.push((words.pop() ?? '') + text);
  for (const [piece] of line.matchAll(/\\[\s\S]?|\s+|[\s\S]/g)) {
    if (quote === "'") {
      if (piece === "'") quote = '';
      else add(piece);
    } else if (piece.startsWith('\\')) add(quote === '"' && !/^\\["\\$`]$/.test(piece) ? piece : piece.slice(1));
    else if (quote === '"') {
      if (piece === '"') quote = '';
      else add(piece);
    } else if (piece === '"' || piece === "'") quote = piece;
    else if (/^\s/.test(piece)) words.push('');
    else add(piece);
  }
  return { words, quote };
}

/**
 * What bash inserts for `candidate`: quoted as the word is, and without what stands before the last of `breaks` in the word, since
 * bash takes only the rest for the word. A blank at the end ends the word and stays.
 */
export function forBash(candidate: string, { words, quote }: BashLine, breaks: string): string {
  const text = candidate.replace(/ $/, '');
  const end = candidate.slice(text.length);
  // In quotes nothing divides the word, and bash closes them itself.
  if (quote === "'") return text;
  if (quote === '"') return text.replace(/["\\$`]/g, '\\$&');
  const current = words.at(-1) ?? '';
  const from = Math.max(...[':', '='].map((mark) => (breaks.includes(mark) ? current.lastIndexOf(mark) + 1 : 0)));
  return text.slice(from).replace(/[^\w@%+=:,./~\u0080-\uffff-]/g, '\\$&') + end;
}

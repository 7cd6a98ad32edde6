// Text for people that was laid out for 80 columns, on a terminal that has fewer: paragraphs and columns stay what they are.

import { columnsOf } from './textWidth.js';

/** A last column that would get less than this goes below the others. */
const leastColumns = 18;

/** `text` in lines of at most `columns`, broken at blanks; as it is where it fits. A longer word stays whole. */
export function fitText(text: string, columns: number): string {
  const lines = text.split('\n');
  if (lines.every((line) => columnsOf(line) <= columns)) return text;
  return unbroken(lines)
    .flatMap((line) => broken(line, columns))
    .join('\n');
}

/** `lines` with those put together that were one before they were laid out. */
function unbroken(lines: readonly string[]): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    const before = whole.pop();
    if (before === undefined) whole.push(line);
    else if (continues(line, before)) whole.push(`${before} ${line.trimStart()}`);
    else whole.push(before, line);
  }
  return whole;
}

/** Whether `line` goes on below the last column of the line before it, or in the same paragraph. */
function continues(line: string, before: string): boolean {
  if (line === '' || before === '' || lastColumnOf(line) > 0) return false;
  const at = lastColumnOf(before);
  if (at > 0 || indentOf(before) > 0) return at > 0 && indentOf(line) === at;
  return indentOf(line) === 0 && !before.endsWith(':') && !/^\w+:/.test(line);
}

function broken(line: string, columns: number): string[] {
  const last = lastColumnOf(line);
  const indent = last > 0 && last <= columns - leastColumns ? last : indentOf(line) * 2;
  const lines: string[] = [];
  let rest = line;
  while (columnsOf(rest) > columns) {
    const at = breakIn(rest, columns);
    if (at === undefined) break;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(indent) + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** The last blank that leaves no more than `columns` before it, else the first; undefined in a single word. */
function breakIn(line: string, columns: number): number | undefined {
  const blanks = [...line.matchAll(/(?<=\S) +/g)].map(({ index }) => index);
  return blanks.filter((at) => columnsOf(line.slice(0, at)) <= columns).at(-1) ?? blanks[0];
}

function indentOf(line: string): number {
  return line.search(/\S|$/);
}

/** Where the text behind the last gap of two blanks or more begins; 0 in a line of one column. */
function lastColumnOf(line: string): number {
  return /^.*\S {2,}(?=\S)/.exec(line)?.[0].length ?? 0;
}

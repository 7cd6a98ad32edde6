// A stretch of a file as it is written on the command line.

import { UsageError } from '../errors.js';
import type { WantedRange } from '../transfer/Source.js';

/** The bytes that `text` asks for, as in an HTTP Range header: `A-B` with B included, `A-`, or the last N by `-N`. @throws {UsageError} */
export function parseRange(text: string): WantedRange {
  const [, first, last, suffix] = /^(?:(\d+)-(\d+)?|-(\d+))$/.exec(text) ?? [];
  const start = Number(first ?? 0);
  const end = last === undefined ? undefined : Number(last) + 1;
  const lastBytes = Number(suffix ?? 0);
  const isOrdered = end === undefined || start < end;
  const isExact = [start, end ?? 0, lastBytes].every(Number.isSafeInteger);
  if ((first === undefined && suffix === undefined) || !isOrdered || !isExact) {
    throw new UsageError(`--range: \`${text}\` is no range of bytes`, {
      hint: 'write A-B (both included, from 0), A- (from A on) or -N (the last N)',
    });
  }
  return suffix === undefined ? { start, end } : { lastBytes };
}

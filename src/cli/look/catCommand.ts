// codexfs cat: files, or a stretch of each, one after the other on standard output.

import { UsageError } from '../../errors.js';
import { copyToStream, type WantedRange } from '../../transfer/copyStream.js';
import { asFileLocation, connectAhead, endpointOf, expandLocations, parseLocations } from '../operands.js';
import type { Run } from '../Run.js';

export interface CatOptions {
  /** `A-B`, `A-` or `-N`. */
  readonly range?: string;
}

/** Writes the files that `words` name to stdout. @throws {UsageError} before anything was attempted */
export async function runCat(words: readonly string[], options: CatOptions, run: Run): Promise<void> {
  const range = options.range === undefined ? undefined : parseRange(options.range);
  const named = parseLocations(words, run.registry).map((location) => asFileLocation(location, 'cat'));
  connectAhead(named, run);
  const locations = await expandLocations(named, run);
  for (const location of locations) {
    try {
      const from = await endpointOf(location, run);
      const { bytes } = await copyToStream(from, run.output.sink, { signal: run.signal, range });
      run.done(bytes);
    } catch (error) {
      run.failed(error, location.word);
    }
  }
}

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

// codexfs cat: files, or a stretch of each, one after the other on standard output.

import { copyToStream } from '../../transfer/copyStream.js';
import { asFileLocation, connectAhead, endpointOf, expandLocations, parseLocations } from '../operands.js';
import { parseRange } from '../parseRange.js';
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

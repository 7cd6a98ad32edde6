// The SHA-256 of many files at a time, each with its own failure. Small ones are read in one step and many at once, large ones
// are hashed by their host where it can.

import { createHash } from 'node:crypto';
import { CodexfsError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import { isAnswerLost } from './failure.js';
import { mapInParallel } from './inParallel.js';
import type { SourceOptions } from './Source.js';
import { smallContent } from './smallContent.js';
import { hashOf } from './verification.js';

/** In hex, in the order of `files`; or why there is none. @throws {CodexfsError} when it is cancelled, or a connection is lost */
export async function hashAll(files: readonly Endpoint[], options: SourceOptions): Promise<(string | CodexfsError)[]> {
  const small = await mapInParallel(files, limits.statsInFlight, (file) => smallContent(file, options));
  return mapInParallel([...files.entries()], limits.filesInFlight, async ([index, file]) => {
    const content = small[index];
    if (content !== undefined) return createHash('sha256').update(content).digest('hex');
    try {
      return await hashOf(file, options);
    } catch (error) {
      if (!(error instanceof CodexfsError) || isAnswerLost(error)) throw error;
      return error;
    }
  });
}

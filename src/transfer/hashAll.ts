// The SHA-256 of many files at a time, each with its own failure.

import { CodexfsError, hasCode } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import { mapInParallel } from './inParallel.js';
import type { SourceOptions } from './Source.js';
import { hashOf } from './verification.js';

/** In hex, in the order of `files`; or why there is none. @throws {CodexfsError} when it is cancelled */
export async function hashAll(files: readonly Endpoint[], options: SourceOptions): Promise<(string | CodexfsError)[]> {
  return mapInParallel(files, limits.filesInFlight, async (file) => {
    try {
      return await hashOf(file, options);
    } catch (error) {
      if (!(error instanceof CodexfsError) || hasCode(error, 'cancelled')) throw error;
      return error;
    }
  });
}

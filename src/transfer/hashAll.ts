// The SHA-256 of many files at a time, each with its own failure. Small ones are read in one step, large ones are hashed by their
// host where it can.

import { createHash } from 'node:crypto';
import { CodexfsError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { BytesInFlight } from './BytesInFlight.js';
import { distanceOf, type Endpoint } from './Endpoint.js';
import { FilesInFlight, manyFiles } from './FilesInFlight.js';
import { isAnswerLost } from './failure.js';
import { mapInParallel } from './inParallel.js';
import type { SourceOptions } from './Source.js';
import { withSmallContent } from './smallContent.js';
import { hashOf } from './verification.js';

/** How much is hashed at a time. One for all that is hashed: what some files show of the distance counts for the next. */
export class HashesInFlight {
  readonly small = new BytesInFlight();
  readonly large = new FilesInFlight(manyFiles);
}

/** In hex, in the order of `files`; or why there is none. @throws {CodexfsError} when it is cancelled, or a connection is lost */
export async function hashAll(
  files: readonly Endpoint[],
  options: SourceOptions,
  { small, large }: HashesInFlight,
): Promise<(string | CodexfsError)[]> {
  return mapInParallel(files, limits.statsInFlight, async (file) => {
    const hashed = await withSmallContent(file, { signal: options.signal, inFlight: small }, (content) =>
      createHash('sha256').update(content).digest('hex'),
    );
    if (hashed !== undefined) return hashed.value;
    try {
      const share = { ...options, windowBytes: large.shareBytes };
      return await large.run(
        () => hashOf(file, share),
        () => distanceOf(file),
      );
    } catch (error) {
      if (!(error instanceof CodexfsError) || isAnswerLost(error)) throw error;
      return error;
    }
  });
}

// Whether a destination holds what its source does: the SHA-256 of both, read again after the copy. A stream cannot be read
// again, so its bytes are counted in as they pass.

import { createHash, type Hash } from 'node:crypto';
import { CodexfsError, hasCode } from '../errors.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import type { Endpoint, PartialFile } from './Endpoint.js';
import { Source, type SourceOptions, type WantedRange } from './Source.js';

export class Verification {
  readonly #hash: Hash = createHash('sha256');

  /** Notes the next bytes of the source. */
  update(bytes: Buffer): void {
    this.#hash.update(bytes);
  }

  /** Hashes `to`. Once only. @throws {CodexfsError} `verification_failed`, when it does not hold what was noted */
  async check(to: Endpoint, options: SourceOptions): Promise<void> {
    await checkSha256(to, this.#hash.digest('hex'), options);
  }
}

/** Hashes `to`. @throws {CodexfsError} `verification_failed`, unless its SHA-256 is `expected` */
export async function checkSha256(to: Endpoint, expected: string, options: SourceOptions): Promise<void> {
  const found = await hashOf(to, options);
  if (found === expected) return;
  const what = `its SHA-256 is ${found}, and the source's is ${expected}`;
  throw new CodexfsError('verification_failed', `differs from the source: ${what}`, { hint: 'copy it again' });
}

/** The SHA-256 of the file's content, or of `range` of it, in hex: from its host where that can tell, else from its bytes. */
export async function hashOf(endpoint: Endpoint, options: SourceOptions, range?: WantedRange): Promise<string> {
  const { fileSystem, path } = endpoint;
  const hashes = range === undefined ? await fileSystem.hashFiles?.([path], { signal: options.signal }) : undefined;
  return hashes?.get(path) ?? (await sha256Of(endpoint, options, range));
}

/** The SHA-256 of the file's bytes, which are read here. */
async function sha256Of(endpoint: Endpoint, options: SourceOptions, range?: WantedRange): Promise<string> {
  await using source = await Source.open(endpoint, options);
  const hash = createHash('sha256');
  for await (const { bytes } of source.chunks(source.rangeOf(range))) {
    hash.update(bytes);
    recycleChunk(bytes);
  }
  return hash.digest('hex');
}

/** `partial` as `cause` leaves it: after a failed verification its length is known, and that it is not what was written. */
export function asVerified(partial: PartialFile | undefined, cause: CodexfsError): PartialFile | undefined {
  if (partial === undefined || !hasCode(cause, 'verification_failed')) return partial;
  return { ...partial, state: 'unknown' };
}

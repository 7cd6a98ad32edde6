// Whether a destination holds what was read from the source: the SHA-256 of the bytes as they passed, against that of the
// destination, which its host tells or which is read back.

import { createHash, type Hash } from 'node:crypto';
import { CodexfsError, hasCode } from '../errors.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import type { Endpoint, PartialFile } from './Endpoint.js';
import { Source, type SourceOptions } from './Source.js';

export class Verification {
  #hash: Hash = createHash('sha256');

  /** Notes the next bytes of the source. */
  update(bytes: Buffer): void {
    this.#hash.update(bytes);
  }

  /** Forgets what was noted. */
  restart(): void {
    this.#hash = createHash('sha256');
  }

  /** Has `to` hashed by its host, or reads it back. Once only. @throws {CodexfsError} `verification_failed`, when it does not hold what was noted */
  async check(to: Endpoint, options: SourceOptions): Promise<void> {
    checkEqual(this.#hash.digest('hex'), await hashOf(to, options));
  }
}

/** Hashes both. @throws {CodexfsError} `verification_failed`, when `to` does not hold what `from` does */
export async function verifyCopy(from: Endpoint, to: Endpoint, options: SourceOptions): Promise<void> {
  checkEqual(await hashOf(from, options), await hashOf(to, options));
}

/** The SHA-256 of the file's content, in hex: from its host where that can tell, else from its bytes. */
export async function hashOf(endpoint: Endpoint, options: SourceOptions): Promise<string> {
  const { fileSystem, path } = endpoint;
  const hashes = await fileSystem.hashFiles?.([path], { signal: options.signal });
  return hashes?.get(path) ?? (await sha256Of(endpoint, options));
}

/** The SHA-256 of the file's bytes, which are read here. */
export async function sha256Of(endpoint: Endpoint, options: SourceOptions): Promise<string> {
  await using source = await Source.open(endpoint, options);
  const hash = createHash('sha256');
  for await (const { bytes } of source.chunks()) {
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

function checkEqual(source: string, destination: string): void {
  if (source === destination) return;
  const what = `its SHA-256 is ${destination}, and the source's is ${source}`;
  throw new CodexfsError('verification_failed', `differs from the source: ${what}`, { hint: 'copy it again' });
}

// Copies a small file in one go: read whole, written whole, one request at each end that is remote. What is not plain (an odd
// destination, a refusal, a file that changes) it leaves to copyFile, which knows what to say and do.

import type { CodexfsError } from '../errors.js';
import type { WholeFile } from '../fs/FileSystem.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import { limits } from '../protocol/limits.js';
import type { BytesClaim } from './BytesInFlight.js';
import type { CopyOptions, CopyResult } from './copyFile.js';
import { type Endpoint, type PartialFile, roundTripOf, TransferError } from './Endpoint.js';
import { foreseen, isAnswerLost } from './failure.js';
import { samenessWith, statIfVisible } from './sameFile.js';
import { abortable, settleWithin } from './settle.js';
import { bytesNow } from './Window.js';

/** Bytes of the largest file that one request may carry, by the limits that a user has set. */
export function maxWholeBytes({ chunkBytes = Infinity, windowBytes = Infinity }: CopyOptions): number {
  return Math.min(limits.smallFileBytes, chunkBytes, bytesNow(windowBytes));
}

/**
 * Copies the file `from` to `to` if that can be done in one go; undefined where it cannot, and then anything that was done will
 * be done again from the start. A result means that all of one state of the source was acknowledged.
 * @throws {TransferError} when an answer was lost or the copy was cancelled
 */
export async function copySmallFile(
  from: Endpoint,
  to: Endpoint,
  options: CopyOptions,
): Promise<CopyResult | undefined> {
  const { isVerified, isContinued, rateLimit, range } = options;
  if (isVerified || isContinued || rateLimit !== undefined || range !== undefined) return undefined;
  if (from.fileSystem.readWhole === undefined || to.fileSystem.writeWhole === undefined) return undefined;
  return new SmallCopy(from, to, options).run();
}

class SmallCopy {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #options: CopyOptions;
  /** From before the content is on its way until it is in place. */
  readonly #claim: BytesClaim | undefined;

  constructor(from: Endpoint, to: Endpoint, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#claim = options.wholeFiles?.claim();
  }

  async run(): Promise<CopyResult | undefined> {
    try {
      return await this.#copied();
    } finally {
      this.#claim?.[Symbol.dispose]();
    }
  }

  async #copied(): Promise<CopyResult | undefined> {
    const { onStart, onProgress } = this.#options;
    const bytes = (await this.#unlessRefused(() => this.#content()))?.bytes;
    if (bytes === undefined) return undefined;
    onStart?.(bytes.length, 0);
    if (!(await this.#unlessRefused(() => this.#write(bytes)))) return undefined;
    recycleChunk(bytes);
    onProgress?.(bytes.length);
    return { bytes: bytes.length };
  }

  /** The source's content, where the destination may receive it without further questions. */
  async #content(): Promise<WholeFile | undefined> {
    const { signal, seen, isDestinationNew = false } = this.#options;
    const [from, to] = [this.#from, this.#to];
    const maxBytes = maxWholeBytes(this.#options);
    const beforeContent = (bytes: number) => this.#claim?.enter(bytes);
    // Here the size of a file shows together with its content.
    if (roundTripOf(from) === 0) await beforeContent(maxBytes);
    const whole = await from.fileSystem.readWhole?.(from.path, maxBytes, { signal, seen, beforeContent });
    this.#claim?.shrinkTo(whole?.bytes.length ?? 0);
    if (whole === undefined || isDestinationNew) return whole;
    const existing = await statIfVisible(to, { signal });
    if (existing === undefined) return whole;
    if (existing.kind !== 'file') return undefined;
    const source = { sizeBytes: whole.bytes.length, modifiedAtMs: whole.modifiedAtMs };
    return (await samenessWith(existing, from, to, source, { signal })) === 'different' ? whole : undefined;
  }

  /** A cancelled write is waited for as long as ^C may take, so that it is known what the destination holds. */
  async #write(bytes: Buffer): Promise<boolean> {
    const { signal, createMode } = this.#options;
    signal?.throwIfAborted();
    const { fileSystem, path } = this.#to;
    const writing = fileSystem.writeWhole?.(path, bytes, { createMode }) ?? Promise.resolve(false);
    try {
      return await abortable(writing, signal);
    } catch (error) {
      const cause = foreseen(error, signal);
      if (cause === undefined || !isAnswerLost(cause)) throw error;
      const isSettled = await settleWithin(writing, limits.cancelSettleMs * 0.6);
      const isThere = isSettled && (await writing.catch(() => false));
      const [state, totalBytes] = [isThere ? ('partial' as const) : ('unknown' as const), bytes.length];
      throw this.#failure('destination', cause, { shown: this.#to.shown, state, bytes: totalBytes, totalBytes });
    }
  }

  /** What `work` comes to; undefined where it was refused, for whatever reason: copyFile will find it out again. */
  async #unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const cause = foreseen(error, this.#options.signal);
      if (cause === undefined || cause instanceof TransferError) throw error;
      if (!isAnswerLost(cause)) return undefined;
      throw this.#failure('source', cause, undefined);
    }
  }

  #failure(side: TransferError['side'], cause: CodexfsError, partial: PartialFile | undefined): TransferError {
    return new TransferError({ from: this.#from.shown, to: this.#to.shown, side, partial, cause });
  }
}

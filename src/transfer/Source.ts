// The reading end of a copy: an open file, its facts when it was opened, and whether it stayed the same.

import { CodexfsError, hasCode } from '../errors.js';
import type { HandleInfo, ReadHandle } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import type { RateLimit } from './RateLimit.js';
import { type Chunk, type ReadAt, readAhead } from './readAhead.js';
import { abortable, settleWithin } from './settle.js';
import { type MaxBytes, Window } from './Window.js';

/** A stretch of a file in bytes, from `start` up to but not including `end`; without an end, to the end of the file. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number | undefined;
}

/** A stretch as people write it: bytes `start` to `end` (exclusive), or the last `lastBytes` bytes. */
export type WantedRange = ByteRange | { readonly lastBytes: number };

export interface SourceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly windowBytes?: MaxBytes | undefined;
  /** The most bytes that one request asks for. */
  readonly chunkBytes?: number | undefined;
  /** Bounds the bytes per second of everything that was given it. */
  readonly rateLimit?: RateLimit | undefined;
}

export class Source implements AsyncDisposable {
  /** As it was when the file was opened. */
  readonly opened: HandleInfo;
  readonly #handle: ReadHandle;
  readonly #options: SourceOptions;
  readonly #roundTripMs: number;
  /** Ends the reads in flight: with the caller's signal, and when the source is disposed before it was read to its end. */
  readonly #stop = new AbortController();
  readonly #pipelines: AsyncGenerator<Chunk, void, void>[] = [];
  #lastStat: Promise<HandleInfo> | undefined;
  /** What the first read that failed said. */
  #readFailure: { readonly error: unknown } | undefined;

  /** Opens `from`. The caller disposes what comes back. */
  static async open(from: Endpoint, options: SourceOptions): Promise<Source> {
    const askedAt = performance.now();
    const handle = await from.fileSystem.openRead(from.path, { signal: options.signal, isStatWanted: true });
    const roundTripMs = performance.now() - askedAt;
    const asking = handle.stat();
    try {
      const opened = await abortable(asking, options.signal);
      return new Source(handle, opened, roundTripMs, options);
    } catch (error) {
      await settleWithin(Promise.allSettled([asking, handle.close()]), limits.cancelSettleMs);
      throw error;
    }
  }

  private constructor(handle: ReadHandle, opened: HandleInfo, roundTripMs: number, options: SourceOptions) {
    this.#handle = handle;
    this.opened = opened;
    this.#roundTripMs = roundTripMs;
    this.#options = options;
    options.signal?.addEventListener('abort', this.#forwardAbort);
    if (options.signal?.aborted) this.#forwardAbort();
  }

  /** The file's chunks in order, read ahead. */
  chunks(range: ByteRange = { start: 0 }): AsyncGenerator<Chunk, void, void> {
    const { windowBytes: maxBytes = limits.windowBytes, chunkBytes = Infinity, rateLimit } = this.#options;
    const maxChunkBytes = Math.min(this.#handle.maxChunkBytes, chunkBytes, rateLimit?.chunkBytes ?? Infinity);
    const chunks = readAhead(this.#noting(this.#reader(rateLimit)), {
      window: new Window({ maxBytes, maxChunkBytes, roundTripMs: this.#roundTripMs }),
      startOffset: range.start,
      endOffset: range.end,
      expectedEnd: this.opened.sizeBytes,
      signal: this.#stop.signal,
    });
    this.#pipelines.push(chunks);
    return chunks;
  }

  /** The limit is kept where bytes are asked for: then nothing piles up in between, and the window learns the rate. */
  #reader(rateLimit: RateLimit | undefined): ReadAt {
    if (rateLimit === undefined) return (offset, length, options) => this.#handle.read(offset, length, options);
    return async (offset, length, options) => {
      await rateLimit.take(length, options.signal);
      const result = await this.#handle.read(offset, length, options);
      rateLimit.giveBack(length - result.bytes.length);
      return result;
    };
  }

  /** Keeps the first failure of a read, also of one that nobody has waited for yet. */
  #noting(read: ReadAt): ReadAt {
    return async (...args) => {
      try {
        return await read(...args);
      } catch (error) {
        this.#readFailure ??= { error };
        throw error;
      }
    };
  }

  /** Bytes that the file claims to have; undefined where it says nothing of use: files in /proc claim 0 and have content. */
  get claimedBytes(): number | undefined {
    return this.opened.sizeBytes === 0 ? undefined : this.opened.sizeBytes;
  }

  /** Where `range` is in this file; all of it unless given. @throws {CodexfsError} `unsupported` where nobody knows its end */
  rangeOf(range: WantedRange | undefined): ByteRange {
    if (range === undefined) return { start: 0 };
    if (!('lastBytes' in range)) return range;
    const { sizeBytes } = this.opened;
    if (sizeBytes !== undefined) return { start: Math.max(0, sizeBytes - range.lastBytes) };
    const message = 'the server does not say how long the file is, so its last bytes cannot be found';
    throw new CodexfsError('unsupported', message);
  }

  /** How much of the file is in `range`, where its size is known. */
  bytesIn({ start, end = Infinity }: ByteRange): number | undefined {
    const { claimedBytes } = this;
    return claimedBytes === undefined ? undefined : Math.max(0, Math.min(end, claimedBytes) - start);
  }

  /** Bytes that the open file has now, where that can be said. */
  async currentBytes(): Promise<number | undefined> {
    return (await this.#stat()).sizeBytes;
  }

  /**
   * The last look, when all has been read.
   * @throws {CodexfsError} `source_changed`, unless size and time are what they were and `copiedBytes` is all of it
   */
  async checkUnchanged(copiedBytes: number): Promise<void> {
    const looking = this.#stat();
    // The disposal waits for it.
    if (this.#handle.isStatOfPath) this.#handle.close().catch(() => {});
    const now = await looking;
    const { sizeBytes: was, modifiedAtMs } = this.opened;
    const is = now.sizeBytes === was ? (this.claimedBytes === undefined ? was : copiedBytes) : now.sizeBytes;
    if (is === was && now.modifiedAtMs === modifiedAtMs) return;
    const what =
      is === was ? 'it was written to' : `its size went from ${was ?? 'unknown'} to ${is ?? 'unknown'} bytes`;
    throw new CodexfsError('source_changed', `changed while it was copied: ${what}`, { hint: 'copy it again' });
  }

  /**
   * Closes the file when nothing of it is read any more. Where the last look needs no handle, the answer is not waited for: who opens
   * the next one knows of it.
   */
  async finish(): Promise<void> {
    const closing = this[Symbol.asyncDispose]();
    if (!this.#handle.isStatOfPath) await closing;
  }

  /** Gives up what is in flight and closes the file. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#forwardAbort);
    this.#stop.abort();
    await settleWithin(this.#end(), limits.cancelSettleMs * 0.9);
  }

  #stat(): Promise<HandleInfo> {
    const asking = this.#handle.stat().catch((error: unknown) => {
      // Servers close a handle whose read has failed: what that said is the cause, and not that the handle is gone.
      throw hasCode(error, 'unknown_handle') && this.#readFailure !== undefined ? this.#readFailure.error : error;
    });
    this.#lastStat = asking;
    return abortable(asking, this.#options.signal);
  }

  async #end(): Promise<void> {
    await Promise.allSettled([this.#lastStat, ...this.#pipelines.map((chunks) => chunks.return())]);
    await this.#handle.close();
  }

  readonly #forwardAbort = (): void => this.#stop.abort(this.#options.signal?.reason);
}

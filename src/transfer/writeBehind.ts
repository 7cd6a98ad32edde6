// The one write pipeline: chunks are sent in order without waiting for each answer, within a window.

import type { WriteHandle } from '../fs/FileSystem.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import { abortable } from './settle.js';
import type { Window } from './Window.js';

export interface WriteBehindOptions {
  /** Hears of every chunk that is in the file without a gap before it, with its length. */
  readonly onAcknowledged?: ((bytes: number) => void) | undefined;
  /** Ends the waiting; what is in flight is left to `settle`. */
  readonly signal?: AbortSignal | undefined;
}

/** Writes in flight to one handle. */
export class WriteBehind {
  readonly #handle: WriteHandle;
  readonly #window: Window;
  readonly #onAcknowledged: (bytes: number) => void;
  #sentBytes = 0;
  #acknowledgedBytes = 0;
  /** Writes without a place in the acknowledged prefix yet, in order of offset. */
  #unconfirmed: { readonly bytes: number; isAnswered: boolean }[] = [];
  #inFlight = new Set<Promise<boolean>>();
  readonly #signal: AbortSignal | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(handle: WriteHandle, window: Window, options: WriteBehindOptions = {}) {
    this.#handle = handle;
    this.#window = window;
    this.#onAcknowledged = options.onAcknowledged ?? (() => {});
    this.#signal = options.signal;
    window.narrowChunks(handle.maxChunkBytes);
  }

  /** Bytes handed to the handle, and of those the bytes from the start on that are known to be in the file. */
  get sentBytes(): number {
    return this.#sentBytes;
  }
  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes;
  }

  /** Writes that are not known to be in the file behind all before them: failed ones, and those that came after. */
  get unconfirmedCount(): number {
    return this.#unconfirmed.length;
  }

  /** Sends `bytes`, which it takes over and recycles; resolves when there is room for more. @throws the first failure of any write so far */
  async write(bytes: Buffer): Promise<void> {
    const writings: Promise<boolean>[] = [];
    for (let offset = 0; offset < bytes.length; ) {
      await this.#room();
      const piece = bytes.subarray(offset, offset + this.#window.chunkBytes);
      writings.push(this.#send(piece));
      offset += piece.length;
    }
    void Promise.all(writings).then((written) => written.every(Boolean) && recycleChunk(bytes));
  }

  /** Waits until every write is acknowledged. @throws the first failure */
  async finish(): Promise<void> {
    await abortable(this.settle(), this.#signal);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits until nothing is in flight, whatever becomes of it. */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  async #room(): Promise<void> {
    this.#signal?.throwIfAborted();
    while (this.#inFlight.size > 0 && this.#unacknowledged() + this.#window.chunkBytes > this.#window.bytes) {
      if (this.#failure !== undefined) break;
      await abortable(Promise.race(this.#inFlight), this.#signal);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #unacknowledged(): number {
    return this.#sentBytes - this.#acknowledgedBytes;
  }

  /** Resolves with whether the write is acknowledged; never rejects. */
  #send(bytes: Buffer): Promise<boolean> {
    const flight = this.#window.sent();
    const entry = { bytes: bytes.length, isAnswered: false };
    this.#sentBytes += bytes.length;
    this.#unconfirmed.push(entry);
    const writing = this.#write(bytes, () => {
      this.#window.answered(flight, bytes.length);
      entry.isAnswered = true;
      this.#confirmPrefix();
    });
    this.#inFlight.add(writing);
    void writing.then(() => this.#inFlight.delete(writing));
    return writing;
  }

  /** A listener that throws fails the transfer like a failed write: nothing may reject here, or `settle` would never end. */
  async #write(bytes: Buffer, acknowledge: () => void): Promise<boolean> {
    try {
      await this.#handle.write(bytes);
      acknowledge();
      return true;
    } catch (error) {
      this.#failure ??= { error };
      return false;
    }
  }

  /** Servers may answer positional writes in any order; only what has no gap before it counts. */
  #confirmPrefix(): void {
    for (let first = this.#unconfirmed[0]; first?.isAnswered; first = this.#unconfirmed[0]) {
      this.#unconfirmed.shift();
      this.#acknowledgedBytes += first.bytes;
      this.#onAcknowledged(first.bytes);
    }
  }
}

// How many files are copied at a time, what share of the memory each has, and what becomes of both when a server says that
// it is full.

import { hasCode } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { TransferError } from './Endpoint.js';

export class FilesInFlight {
  readonly #windowBytes: number;
  #limit: number;
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  /** Up to `limit` files at a time, which together have up to `windowBytes` bytes in flight. */
  constructor(limit: number, windowBytes: number = limits.windowBytes) {
    this.#limit = Math.max(1, limit);
    this.#windowBytes = windowBytes;
  }

  /** How many files may be in flight: fewer than at first, once a server was full. */
  get limit(): number {
    return this.#limit;
  }

  /** Bytes that each of the files in flight may have in flight now. */
  readonly shareBytes = (): number => Math.floor(this.#windowBytes / Math.max(1, this.#count));

  /**
   * Copies one file with `copy` as soon as there is room. Where the server had no room for one handle more, it is tried again
   * after another file was closed, with fewer at a time from then on.
   * @throws what `copy` throws
   */
  async run<T>(copy: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#enter();
      try {
        return await copy();
      } catch (error) {
        if (!isFull(error) || this.#count <= 1) throw error;
        this.#limit = Math.max(1, Math.min(this.#limit, this.#count - 1));
      } finally {
        this.#leave();
      }
    }
  }

  async #enter(): Promise<void> {
    while (this.#count >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#count++;
  }

  #leave(): void {
    this.#count--;
    this.#waiting.shift()?.();
  }
}

/** Whether an open was refused for the number of handles, and nothing was touched. */
function isFull(error: unknown): boolean {
  if (!hasCode(error, 'limit_exceeded', 'overloaded', 'too_many_open_files')) return false;
  return !(error instanceof TransferError) || error.partial === undefined || error.partial.state === 'intact';
}

// How many files are copied at a time, what share of the memory each has, and what becomes of both at a distance, and when a
// server says that it is full.

import { hasCode } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { TransferError } from './Endpoint.js';

/**
 * A file that took fewer round trips than these waited for little else: while nothing queues it takes four to six to look at one, open, move
 * and close it, and twelve with `--verify`. Files that take twice as many keep the line busy, and one more would only wait longer.
 */
const fewRoundTrips = 16;

/** How many files may be in flight at first, and at most; the same where that is not to change. */
export interface FileCounts {
  readonly first: number;
  readonly most: number;
}

/** What the user says nothing about. */
export const manyFiles: FileCounts = { first: limits.filesInFlight, most: limits.filesInFlightAtMost };

export class FilesInFlight {
  readonly #windowBytes: number;
  readonly #first: number;
  #most: number;
  #limit: number;
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  /** Files that together have up to `windowBytes` bytes in flight. */
  constructor({ first, most }: FileCounts, windowBytes: number = limits.windowBytes) {
    this.#limit = Math.max(1, first);
    this.#first = this.#limit;
    this.#most = Math.max(this.#limit, most);
    this.#windowBytes = windowBytes;
  }

  /** How many files may be in flight: more than at first while they wait for a distance, and fewer once a server was full. */
  get limit(): number {
    return this.#limit;
  }

  /** Bytes that each of the files in flight may have in flight now. */
  readonly shareBytes = (): number => Math.floor(this.#windowBytes / Math.max(1, this.#count));

  /**
   * Copies one file with `copy` as soon as there is room. Where the server had no room for one handle more, it is tried again
   * after another file was closed, with fewer at a time from then on. `distanceMs` says how far away its ends are, when it is done.
   * @throws what `copy` throws
   */
  async run<T>(copy: () => Promise<T>, distanceMs: () => number = () => 0): Promise<T> {
    for (;;) {
      await this.#enter();
      const enteredAt = performance.now();
      try {
        const result = await copy();
        this.#adapt((performance.now() - enteredAt) / distanceMs());
        return result;
      } catch (error) {
        if (!isFull(error) || this.#count <= 1) throw error;
        this.#limit = Math.max(1, Math.min(this.#limit, this.#count - 1));
        this.#most = this.#limit;
      } finally {
        this.#leave();
      }
    }
  }

  /** Two more after each file that waited for the distance: three times as many in the time of one. One less after each that waited for the line. */
  #adapt(roundTrips: number): void {
    if (roundTrips < fewRoundTrips) this.#limit = Math.min(this.#limit + 2, this.#most);
    else if (roundTrips > 2 * fewRoundTrips) this.#limit = Math.max(this.#limit - 1, Math.min(this.#first, this.#most));
  }

  async #enter(): Promise<void> {
    while (this.#count >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#count++;
  }

  #leave(): void {
    this.#count--;
    for (let room = this.#limit - this.#count; room > 0; room--) this.#waiting.shift()?.();
  }
}

/** Whether an open was refused for the number of handles, and nothing was touched. */
function isFull(error: unknown): boolean {
  if (!hasCode(error, 'overloaded', 'too_many_open_files')) return false;
  return !(error instanceof TransferError) || error.partial === undefined || error.partial.state === 'intact';
}

// How many small files are copied at a time: twice as many as long as that makes it faster. At 50 ms each takes one or two round
// trips, so that a fixed number of them is a fixed rate; near, more of them only cost memory.

import { limits } from '../protocol/limits.js';

/** How much faster twice as many must be: by less, it is noise. */
const leastGain = 1.3;

export class SmallFilesInFlight {
  readonly #now: () => number;
  #limit: number = limits.smallFilesInFlight;
  /** Whether nothing more is tried. */
  #isSettled = false;
  /** Files and bytes since the limit is what it is, and when the last file of those before was done. */
  #files = 0;
  #bytes = 0;
  #since = 0;
  /** Files a millisecond with half as many. */
  #rateBefore = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Notes that a file of `bytes` bytes is in place. */
  copied(bytes: number): void {
    if (this.#isSettled) return;
    this.#files++;
    this.#bytes += bytes;
    if (this.#files === this.#limit) this.#since = this.#now();
    else if (this.#files === 2 * this.#limit) this.#judge();
  }

  #judge(): void {
    const rate = this.#limit / Math.max(1, this.#now() - this.#since);
    const bytesOfTwice = this.#bytes;
    const isFaster = rate >= leastGain * this.#rateBefore;
    if (!isFaster) this.#limit /= 2;
    this.#isSettled =
      !isFaster || this.#limit >= limits.mostSmallFilesInFlight || bytesOfTwice > limits.smallFilesBytes;
    if (this.#isSettled) return;
    this.#rateBefore = rate;
    this.#limit *= 2;
    [this.#files, this.#bytes] = [0, 0];
  }
}

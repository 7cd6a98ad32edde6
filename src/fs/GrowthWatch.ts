// Tells a slow copy within a server from a dead one: by whether its destination grows.

import { TimeoutError } from '../errors.js';
import { limits } from '../protocol/limits.js';

/** How often a copy within the server is looked at while it runs, to tell a slow one from a dead one. */
const copyWatchMs = 2_000;

/** Rejects `stalled` when what `measure` reports has not grown for a minute. */
export class GrowthWatch {
  readonly stalled: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  #lastBytes: number | undefined;
  #lastGrowth = performance.now();

  constructor(measure: () => Promise<number | undefined>) {
    let give: (error: unknown) => void = () => {};
    this.stalled = new Promise((_, reject) => {
      give = reject;
    });
    this.stalled.catch(() => {});
    this.#timer = setInterval(() => {
      measure().then(
        (bytes) => this.#note(bytes, give),
        () => this.#note(undefined, give),
      );
    }, copyWatchMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #note(bytes: number | undefined, give: (error: unknown) => void): void {
    const now = performance.now();
    if (bytes !== this.#lastBytes) {
      this.#lastBytes = bytes;
      this.#lastGrowth = now;
    } else if (now - this.#lastGrowth > limits.idleTimeoutMs) {
      give(new TimeoutError('fs/copy', limits.idleTimeoutMs));
    }
  }
}

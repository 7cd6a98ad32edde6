// A limit on bytes per second for everything that shares it: a token bucket that holds a twentieth of a second.

import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds' worth of bytes that may go at once after a pause. Short, so that a line next door sees a smooth flow. */
const burstMs = 50;
/** The smallest chunk: below it the cost of a request outweighs what smoothness gains. */
const minChunkBytes = 1024;

export class RateLimit {
  readonly #bytesPerMs: number;
  readonly #now: () => number;
  /** When everything that was let go is paid for. */
  #paidAt = Number.NEGATIVE_INFINITY;

  /** `bytesPerSecond` is above 0. */
  constructor(bytesPerSecond: number, now: () => number = () => performance.now()) {
    this.#bytesPerMs = bytesPerSecond / 1_000;
    this.#now = now;
  }

  /** The most bytes that one request should carry for the flow to be smooth. */
  get chunkBytes(): number {
    return Math.max(minChunkBytes, Math.floor(this.#bytesPerMs * burstMs));
  }

  /** Resolves when `bytes` more may go; those who wait are served in order. Rejects with the reason of `signal`. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const waitMs = this.reserve(bytes);
    if (waitMs <= 0) return;
    try {
      await delay(waitMs, undefined, { signal });
    } catch (error) {
      this.giveBack(bytes);
      throw signal?.aborted === true ? signal.reason : error;
    }
  }

  /** Takes `bytes` at once and says in how many milliseconds they may go. */
  reserve(bytes: number): number {
    const now = this.#now();
    const startsAt = Math.max(this.#paidAt, now - burstMs);
    this.#paidAt = startsAt + bytes / this.#bytesPerMs;
    return startsAt - now;
  }

  /** What was taken and did not go after all. */
  giveBack(bytes: number): void {
    this.#paidAt -= bytes / this.#bytesPerMs;
  }
}

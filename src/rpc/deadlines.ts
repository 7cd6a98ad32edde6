// When a peer that says nothing counts as dead: each call has so long without progress, which is the answer to itself or to any
// call before it. A peer takes calls in their order off one line, so those behind others may have to wait as long as these move. Pings,
// notifications and the answers to later calls are no progress: others may go on while one stands still.

/** What of a call matters here. */
export interface TimedCall {
  /** Larger than those of the calls before it. */
  readonly id: number;
  readonly timeoutMs: number;
  /** When it was asked for, or one before it was answered. */
  movedAt: number;
  isLate: boolean;
}

/** Watches the calls that are pending, with one timer that runs only while there are any. */
export class Deadlines<T extends TimedCall> {
  readonly #pending: () => Iterable<T>;
  readonly #expired: (call: T) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Of the calls that were answered since the last look, the first. */
  #firstAnswered = Number.POSITIVE_INFINITY;

  /** `expired` hears of the first call that is late. */
  constructor(pending: () => Iterable<T>, expired: (call: T) => void) {
    this.#pending = pending;
    this.#expired = expired;
  }

  /** To be called when a call was added. */
  watch(): void {
    if (this.#timer !== undefined) return;
    let shortestMs = Number.POSITIVE_INFINITY;
    for (const { timeoutMs } of this.#pending()) shortestMs = Math.min(shortestMs, timeoutMs);
    if (!Number.isFinite(shortestMs)) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#check();
        this.watch();
      },
      Math.min(1_000, Math.max(10, shortestMs / 4)),
    );
    this.#timer.unref();
  }

  /** To be called when a call was answered, also one that was given up. */
  answered(id: number): void {
    this.#firstAnswered = Math.min(this.#firstAnswered, id);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = performance.now();
    const firstAnswered = this.#firstAnswered;
    this.#firstAnswered = Number.POSITIVE_INFINITY;
    for (const call of this.#pending()) {
      if (call.id > firstAnswered) call.movedAt = now;
      const isLate = now - call.movedAt >= call.timeoutMs;
      const wasLate = call.isLate;
      call.isLate = isLate;
      // Late twice in a row: after a stall or sleep of this process, what has arrived meanwhile is read in between.
      if (!isLate || !wasLate) continue;
      this.#expired(call);
      return;
    }
  }
}

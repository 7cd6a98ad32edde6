// When a peer that says nothing counts as dead: each call has so long without progress. Pings, notifications and the answers to
// calls of other lanes are none.

/** Requests of one lane (a handle) are answered in order, so an answer to one is progress for all that wait behind it. */
export class Lane {
  answeredAt = 0;
}

/** What of a call matters here. */
export interface TimedCall {
  readonly lane: Lane | undefined;
  readonly timeoutMs: number;
  /** While it waits for its turn, when it was asked for. */
  sentAt: number;
  isWaiting: boolean;
  isLate: boolean;
}

/** Watches the calls that are pending, with one timer that runs only while there are any. */
export class Deadlines<T extends TimedCall> {
  readonly #pending: () => Iterable<T>;
  readonly #expired: (call: T) => void;
  #timer: NodeJS.Timeout | undefined;
  #answeredAt = 0;

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

  /** To be called when any call was answered, which is progress for all that wait for their turn. */
  answered(now: number): void {
    this.#answeredAt = now;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = performance.now();
    for (const call of this.#pending()) {
      const since = Math.max(call.sentAt, call.lane?.answeredAt ?? 0, call.isWaiting ? this.#answeredAt : 0);
      const isLate = now - since >= call.timeoutMs;
      const wasLate = call.isLate;
      call.isLate = isLate;
      // Late twice in a row: after a stall or sleep of this process, what has arrived meanwhile is read in between.
      if (!isLate || !wasLate) continue;
      this.#expired(call);
      return;
    }
  }
}

// The deadlines of a connection's calls: one timer for all of them, which runs only while there are any.

/** Requests of one lane (a handle) are answered in order, so an answer to one is progress for all that wait behind it. */
export class Lane {
  answeredAt = 0;
}

/** A call that waits for its answer, as far as its deadline goes. */
export interface TimedCall {
  readonly lane: Lane | undefined;
  readonly timeoutMs: number;
  readonly sentAt: number;
  isLate: boolean;
}

export class Deadlines<Call extends TimedCall> {
  readonly #calls: () => Iterable<Call>;
  readonly #missed: (call: Call) => void;
  #timer: NodeJS.Timeout | undefined;

  /** Watches what `calls` yields at any time; `missed` hears of the first call whose time has run out. */
  constructor(calls: () => Iterable<Call>, missed: (call: Call) => void) {
    this.#calls = calls;
    this.#missed = missed;
  }

  /** To be called when a call was added. */
  watch(): void {
    if (this.#timer !== undefined) return;
    const shortestMs = Math.min(...[...this.#calls()].map((call) => call.timeoutMs));
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

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    for (const call of this.#calls()) {
      const since = Math.max(call.sentAt, call.lane?.answeredAt ?? 0);
      const isLate = now - since >= call.timeoutMs;
      const wasLate = call.isLate;
      call.isLate = isLate;
      // Late twice in a row: after a stall or sleep of this process, what has arrived meanwhile is read in between.
      if (!isLate || !wasLate) continue;
      this.#missed(call);
      return;
    }
  }
}

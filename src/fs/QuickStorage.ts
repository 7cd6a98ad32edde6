// Whether files are read and written on this thread: a hop to the thread pool and back costs as much as reading or writing a chunk
// where storage is quick, several times as much as a small file. What once took long is left to the pool for a while.

export interface QuickStorageOptions {
  /** Milliseconds that a step may take on this thread. */
  readonly quickMs: number;
  /** Every so many steps one goes to the pool, so that signals and timers get their turn whatever else waits for nothing. */
  readonly breatherSteps?: number;
}

/** Steps that the pool gets after one that took long: twice as many each time, unless as many were quick in between. */
const firstDetour = 16;
const longestDetour = 1024;

export class QuickStorage {
  readonly #options: Required<QuickStorageOptions>;
  /** The first step goes to the pool: a dead network disk must not stop this thread. */
  #detour = 1;
  #nextDetour = firstDetour;
  #quickInARow = 0;

  constructor({ quickMs, breatherSteps = Number.POSITIVE_INFINITY }: QuickStorageOptions) {
    this.#options = { quickMs, breatherSteps };
  }

  /** Whether the next step should be done here and not by the pool. Asked once for each. */
  isQuick(): boolean {
    if (this.#detour > 0) {
      this.#detour--;
      return false;
    }
    return (this.#quickInARow + 1) % this.#options.breatherSteps !== 0 || this.#breathe();
  }

  /** Does a step here. */
  timed<T>(work: () => T): T {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      if (performance.now() - startedAt > this.#options.quickMs) this.#wasSlow();
      else this.#quickInARow++;
    }
  }

  #breathe(): false {
    this.#quickInARow++;
    return false;
  }

  #wasSlow(): void {
    const isRare = this.#quickInARow > this.#nextDetour;
    this.#detour = isRare ? firstDetour : this.#nextDetour;
    this.#nextDetour = Math.min(2 * this.#detour, longestDetour);
    this.#quickInARow = 0;
  }
}

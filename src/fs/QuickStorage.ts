// Whether files are read and written on this thread: a hop to the thread pool and back costs as much as reading or writing a chunk
// where storage is quick, several times as much as a small file. What once took long is left to the pool for a while.

/**
 * Milliseconds that a step on this thread should stay below. A small file or a chunk takes 0.02 to 0.2 where it goes through
 * memory (`npm run bench:parts`); beside other work on all processors, 3 in which this thread was not run.
 */
const usualQuickMs = 5;

/** Steps that the pool gets after one that took long: twice as many each time, unless as many were quick in between. */
const firstDetour = 16;
const longestDetour = 1024;

export class QuickStorage {
  readonly #quickMs: number;
  /** The first step goes to the pool: a dead network disk must not stop this thread. */
  #detour = 1;
  #nextDetour = firstDetour;
  #quickInARow = 0;

  constructor(quickMs = usualQuickMs) {
    this.#quickMs = quickMs;
  }

  /** Whether the next step should be done here and not by the pool. Asked once for each. */
  isQuick(): boolean {
    if (this.#detour === 0) return true;
    this.#detour--;
    return false;
  }

  /** Does a step here. */
  timed<T>(work: () => T): T {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      if (performance.now() - startedAt > this.#quickMs) this.#wasSlow();
      else this.#quickInARow++;
    }
  }

  #wasSlow(): void {
    const isRare = this.#quickInARow > this.#nextDetour;
    this.#detour = isRare ? firstDetour : this.#nextDetour;
    this.#nextDetour = Math.min(2 * this.#detour, longestDetour);
    this.#quickInARow = 0;
  }
}

// The writes of one handle that are not answered yet: a close must wait for them, for a server rejects what is still queued
// when one arrives.

export class WritesUnderWay {
  #settled: Promise<unknown> = Promise.resolve();

  /** Notes one write and waits for it. @throws what it fails with */
  async add(writing: Promise<unknown>): Promise<void> {
    // Without the last `then` each result would hold the one before, back to the first.
    this.#settled = Promise.allSettled([this.#settled, writing]).then(() => {});
    await writing;
  }

  /** Resolves when every write so far is answered, well or not. */
  get settled(): Promise<unknown> {
    return this.#settled;
  }
}

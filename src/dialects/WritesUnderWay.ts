// The writes of one handle that are not answered yet: a close must wait for them, for a server rejects what is still queued
// when one arrives, and so must a write for one before it that is sent again, or the file would have a hole.

export class WritesUnderWay {
  #settled: Promise<unknown> = Promise.resolve();
  #count = 0;
  /** The write that a busy server did not do and that is sent again. */
  #repeated: Promise<unknown> | undefined;

  /** Sends one write and waits for it; `mayRepeat` says whether it may be sent again. @throws what it fails with */
  async add(send: (mayRepeat: () => boolean) => Promise<unknown>): Promise<void> {
    while (this.#repeated !== undefined) await this.#repeated;
    this.#count++;
    const writing = send(() => this.#mayRepeat());
    // Without the last `then` each result would hold the one before, back to the first.
    this.#settled = Promise.allSettled([this.#settled, writing]).then(() => {});
    try {
      await writing;
    } finally {
      this.#count--;
    }
  }

  /** Does `work` when every write so far is answered, well or not: at once where they are. */
  async behind<T>(work: () => Promise<T>): Promise<T> {
    if (this.#count > 0) await this.#settled;
    return work();
  }

  /** Only a write that no other has followed: one that was accepted behind it would stand in its place. */
  #mayRepeat(): boolean {
    if (this.#count > 1) return false;
    this.#repeated ??= this.#settled.then(() => {
      this.#repeated = undefined;
    });
    return true;
  }
}

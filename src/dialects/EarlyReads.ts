// The first reads of a file, sent in one flight with its opening: whoever names a handle need not wait for it. A server that takes
// them before the file is open refuses them, and they are asked for again.

import { hasCode } from '../errors.js';
import type { FirstReads, ReadResult } from '../fs/FileSystem.js';

interface EarlyRead {
  readonly maxBytes: number;
  readonly askedAt: number;
  readonly answer: Promise<ReadResult>;
}

export class EarlyReads {
  /** By their offsets. */
  readonly #reads = new Map<number, EarlyRead>();

  /** Sends the reads with `ask`; to be called behind the opening. */
  constructor(ask: (offset: number, maxBytes: number) => Promise<ReadResult>, firstReads: FirstReads | undefined) {
    const { chunkBytes: maxBytes, count } = firstReads ?? { chunkBytes: 0, count: 0 };
    for (let index = 0; index < count; index++) {
      const answer = ask(index * maxBytes, maxBytes);
      // Nobody may want it, such as when the file cannot be opened.
      answer.catch(() => {});
      this.#reads.set(index * maxBytes, { maxBytes, askedAt: performance.now(), answer });
    }
  }

  /** The answer to a read that was sent early; undefined where it has to be asked for. */
  async take(offset: number, maxBytes: number): Promise<ReadResult | undefined> {
    const early = this.#reads.get(offset);
    if (early === undefined) return undefined;
    this.#reads.delete(offset);
    if (early.maxBytes !== maxBytes) return undefined;
    try {
      return { ...(await early.answer), askedAt: early.askedAt };
    } catch (error) {
      if (hasCode(error, 'unknown_handle')) return undefined;
      throw error;
    }
  }
}

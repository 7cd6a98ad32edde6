// How many bytes of small files are on their way at a time: each is one message, and neither a slow line nor the memory should have
// hundreds of them.

import { limits } from '../protocol/limits.js';

export class BytesInFlight {
  readonly #limitBytes: number;
  #bytes = 0;
  /** In the order in which they came, so that a large one gets its turn. */
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(limitBytes: number = limits.smallBytesInFlight) {
    this.#limitBytes = limitBytes;
  }

  /** The part of one file, of nothing yet. */
  claim(): BytesClaim {
    return new BytesClaim(this);
  }

  /** Waits until there is room for `bytes` more. What is larger than all the room goes alone. */
  async take(bytes: number): Promise<void> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    } else this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
    for (let [first] = this.#waiting; first !== undefined && this.#fits(first.bytes); [first] = this.#waiting) {
      this.#waiting.shift();
      this.#bytes += first.bytes;
      first.enter();
    }
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#limitBytes;
  }
}

/** What one file takes of all that may be in flight. Disposing it gives it back, at once or when its turn to enter comes. */
export class BytesClaim implements Disposable {
  readonly #all: BytesInFlight;
  #bytes = 0;
  #entering: Promise<void> | undefined;
  #isOver = false;

  constructor(all: BytesInFlight) {
    this.#all = all;
  }

  /** Waits for room for `bytes`. Once: its content may be asked for again where a connection was lost, or be that of two files that are compared. */
  enter(bytes: number): Promise<void> {
    this.#entering ??= this.#all.take(bytes).then(() => {
      this.#bytes = bytes;
      if (this.#isOver) this.shrinkTo(0);
    });
    return this.#entering;
  }

  /** Gives back what turned out not to be needed. */
  shrinkTo(bytes: number): void {
    if (bytes >= this.#bytes) return;
    this.#all.giveBack(this.#bytes - bytes);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.shrinkTo(0);
  }
}

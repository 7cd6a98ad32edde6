// Has a peer that owes answers send them at once. Released servers do not set TCP_NODELAY: what is small they send only when what
// went before is acknowledged (Nagle's algorithm, RFC 896), and this system puts that off by 40 ms unless something is sent.

export class Acknowledger {
  readonly #isOwed: () => boolean;
  readonly #acknowledge: () => void;
  #isPlanned = false;
  #isDue = false;

  /** Calls `acknowledge` where a peer would wait that owes something, as `isOwed` says when all that came was taken. */
  constructor(isOwed: () => boolean, acknowledge: () => void) {
    this.#isOwed = isOwed;
    this.#acknowledge = acknowledge;
  }

  /** To be called when a message has come, behind which the next one may be held back. */
  heard(): void {
    this.#isDue = true;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (this.#isDue && this.#isOwed()) this.#acknowledge();
      this.#isDue = false;
    });
  }

  /** To be called when something is sent: that carries the acknowledgement of all that has come so far. */
  spoke(): void {
    this.#isDue = false;
  }
}

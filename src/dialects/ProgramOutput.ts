// What a program printed and nobody has taken yet, in order.

/** The end of what is kept of a line that never ends. */
const lineChars = 64 * 1024;

export class ProgramOutput {
  #pieces: Buffer[] = [];
  #length = 0;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** The first `count` bytes; undefined while there are fewer. */
  take(count: number): Buffer | undefined {
    if (this.#length < count) return undefined;
    const taken = Buffer.allocUnsafe(count);
    for (let at = 0; at < count; ) {
      const piece = this.#pieces[0] ?? Buffer.alloc(0);
      const used = piece.copy(taken, at);
      at += used;
      if (used < piece.length) this.#pieces[0] = piece.subarray(used);
      else this.#pieces.shift();
    }
    this.#length -= count;
    return taken;
  }

  /** The first line without its end; undefined while there is no whole one. */
  takeLine(): string | undefined {
    const end = this.#firstLineEnd();
    return end === undefined ? undefined : this.take(end + 1)?.toString('utf8', 0, end);
  }

  /** All that there is, as text. */
  takeText(): string {
    return this.take(this.#length)?.toString('utf8') ?? '';
  }

  #firstLineEnd(): number | undefined {
    let before = 0;
    for (const piece of this.#pieces) {
      const at = piece.indexOf(0x0a);
      if (at >= 0) return before + at;
      before += piece.length;
      if (before > lineChars) return undefined;
    }
    return undefined;
  }
}

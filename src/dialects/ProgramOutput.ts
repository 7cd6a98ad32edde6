// What a program printed and nobody has taken yet, in order.

/** How far the end of a line is looked for, in bytes: none that a script prints is longer. */
const lineBytes = 64 * 1024;

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
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#length = 0;
    return Buffer.concat(pieces).toString('utf8');
  }

  #firstLineEnd(): number | undefined {
    let before = 0;
    for (const piece of this.#pieces) {
      const at = piece.indexOf(0x0a);
      if (at >= 0) return before + at;
      before += piece.length;
      if (before > lineBytes) return undefined;
    }
    return undefined;
  }
}

// The beginning and the end of a text of any length: what a child wrote to its standard error, for the message about its end.

/** Characters that are kept of the beginning, and again of the end. */
const keptChars = 1024;

export class Excerpt {
  #head = '';
  #tail = '';

  add(text: string): void {
    const headRoom = keptChars - this.#head.length;
    this.#head += text.slice(0, headRoom);
    if (text.length > headRoom) this.#tail = (this.#tail + text.slice(headRoom)).slice(-keptChars - 1);
  }

  /** In one line, with an ellipsis where something is left out. */
  toString(): string {
    const isCut = this.#tail.length > keptChars;
    const text = isCut ? `${this.#head} … ${this.#tail.slice(1)}` : this.#head + this.#tail;
    return text.trim().replace(/\s*\n\s*/g, ' / ');
  }
}

// What cli-progress draws through: one line, which is the one that the cursor is on. No mode of the terminal is changed and no
// place is remembered, so a kill, a ^Z, a resize or another program's words on the screen leave nothing to be restored.

import { cursorTo, moveCursor } from 'node:readline';
import type { StandardStream } from './Output.js';

const clearToEnd = '\x1b[K';
const clearBelow = '\x1b[J';

/** The part of cli-progress's terminal that a single bar calls. */
export class LineTerminal {
  readonly #stream: StandardStream;
  readonly #columnsOf: (line: string) => number;
  #drawnColumns = 0;
  #resized = () => this.#gather();

  /** `columnsOf` measures a line as it is drawn. */
  constructor(stream: StandardStream, columnsOf: (line: string) => number) {
    this.#stream = stream;
    this.#columnsOf = columnsOf;
  }

  isTTY(): boolean {
    return true;
  }

  getWidth(): number {
    return this.#stream.columns ?? 80;
  }

  cursorSave(): void {
    this.#stream.on('resize', this.#resized);
  }

  cursorRestore(): void {
    this.#stream.off('resize', this.#resized);
  }

  cursor(): void {}

  lineWrapping(): void {}

  cursorTo(column: number): void {
    cursorTo(this.#stream, column);
  }

  write(line: string): void {
    this.#drawnColumns = this.#columnsOf(line);
    this.#stream.write(line);
  }

  clearRight(): void {
    this.#stream.write(clearToEnd);
  }

  clearLine(): void {
    this.#stream.write(`\r${clearToEnd}`);
  }

  /** A line that became too long for the terminal was broken into several by it; goes back to the first of them. */
  #gather(): void {
    const rows = Math.ceil(this.#drawnColumns / this.getWidth());
    if (rows > 1) moveCursor(this.#stream, 0, 1 - rows);
    cursorTo(this.#stream, 0);
    this.#stream.write(clearBelow);
  }
}

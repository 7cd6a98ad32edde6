// What cli-progress draws through: a few lines, at the end of whose last one the cursor is. No mode of the terminal is changed and
// no place is remembered, so a kill, a ^Z, a resize or another program's words on the screen leave nothing to be restored.

import { cursorTo, moveCursor } from 'node:readline';
import type { StandardStream } from '../Output.js';
import { isInForeground } from './isInForeground.js';

const clearToEnd = '\x1b[K';
const clearBelow = '\x1b[J';

/** The part of cli-progress's terminal that a single bar calls. */
export class LineTerminal {
  readonly #stream: StandardStream;
  readonly #columnsOf: (line: string) => number;
  /** The columns of each line that is on the screen. */
  #drawn: readonly number[] = [];
  readonly #resized = () => this.#gather();
  /** After a stop the shell has written below; the lines of before are not touched. */
  readonly #continued = () => {
    this.#drawn = [];
  };

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
    process.on('SIGCONT', this.#continued);
  }

  cursorRestore(): void {
    this.#stream.off('resize', this.#resized);
    process.off('SIGCONT', this.#continued);
  }

  cursor(): void {}

  lineWrapping(): void {}

  cursorTo(column: number): void {
    if (isInForeground()) cursorTo(this.#stream, column);
  }

  /** Draws `text`, which may be several lines, over what was drawn before. */
  write(text: string): void {
    // The terminal is somebody else's: this process was sent into the background.
    if (!isInForeground()) return;
    this.#toFirstLine(this.#drawn.length);
    const lines = text.split('\n');
    const wasLonger = this.#drawn.length > lines.length;
    this.#drawn = lines.map(this.#columnsOf);
    const end = wasLonger ? clearToEnd + clearBelow : '';
    this.#stream.write(lines.join(`${clearToEnd}\n`) + end);
  }

  clearRight(): void {
    if (isInForeground()) this.#stream.write(clearToEnd);
  }

  clearLine(): void {
    if (!isInForeground()) return;
    const hadSeveral = this.#drawn.length > 1;
    this.#toFirstLine(this.#drawn.length);
    this.#drawn = [];
    this.#stream.write(`\r${hadSeveral ? clearBelow : clearToEnd}`);
  }

  #toFirstLine(rows: number): void {
    if (rows > 1) moveCursor(this.#stream, 0, 1 - rows);
  }

  /** A line that became too long for the terminal was broken into several by it; goes back to the first of all. */
  #gather(): void {
    const width = this.getWidth();
    this.#toFirstLine(this.#drawn.reduce((rows, columns) => rows + Math.max(1, Math.ceil(columns / width)), 0));
    this.#drawn = [];
    cursorTo(this.#stream, 0);
    this.#stream.write(clearBelow);
  }
}

// Progress on a terminal: a line on stderr for one file, or one for all and some below it for those under way. Drawn by
// cli-progress ten times a second, and gone when the run is over.

import { stripVTControlCharacters } from 'node:util';
import cliProgress from 'cli-progress';
import type { Paint, StandardStream } from '../Output.js';
import { columnsOf } from '../textWidth.js';
import { LineTerminal } from './LineTerminal.js';
import { MeteredProgress } from './MeteredProgress.js';
import type { FileProgress } from './Progress.js';
import { progressLine } from './progressLine.js';

/** Columns that stay free: terminals wrap when the last one is written, and write `^C` where the line ends. */
const freeColumns = 3;
/** Columns where a terminal does not say how many it has. */
const assumedColumns = 80;
const assumedRows = 24;
/** Lines for files under way, and what stays free of the height for what was there before. */
const maxFileLines = 5;
const freeRows = 3;
/** Milliseconds that a file is under way before it has a line of its own: small ones would only flicker. */
const showFileAfterMs = 300;

export class BarProgress extends MeteredProgress {
  readonly #stream: StandardStream;
  readonly #paint: Paint;
  #bar: cliProgress.SingleBar | undefined;

  constructor(stream: StandardStream, paint: Paint) {
    super();
    this.#stream = stream;
    this.#paint = paint;
  }

  /** The lines do not stay, so an end line never follows from them. */
  get hasShown(): boolean {
    return false;
  }

  override begin(name: string, sizeBytes: number | undefined): FileProgress {
    const file = this.meter.begin(name, sizeBytes, () => {
      if (this.meter.isOfOneFile) this.end();
    });
    const start = (totalBytes: number | undefined, presentBytes: number) => {
      file.start(totalBytes, presentBytes);
      this.#start();
    };
    return { ...file, start };
  }

  override interject(write: () => void): void {
    const isDrawn = this.#bar !== undefined;
    this.end();
    write();
    if (isDrawn) this.#start();
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #start(): void {
    if (this.#bar !== undefined) return;
    const options: cliProgress.Options & { readonly terminal: LineTerminal } = {
      terminal: new LineTerminal(this.#stream, (line) => columnsOf(stripVTControlCharacters(line))),
      format: () => this.#lines().join('\n'),
      fps: 10,
      clearOnComplete: true,
      // Signals are main's business; it ends the progress before the process.
      gracefulExit: false,
    };
    this.#bar = new cliProgress.SingleBar(options);
    // The meter counts; the bar only draws what `format` returns.
    this.#bar.start(1, 0);
  }

  #lines(): string[] {
    const now = this.now();
    const columns = (this.#stream.columns ?? assumedColumns) - freeColumns;
    const { underWay } = this.meter;
    if (this.meter.isOfOneFile) return underWay.map((file) => progressLine(file, now, columns, this.#paint));
    const room = Math.min(maxFileLines, (this.#stream.rows ?? assumedRows) - freeRows);
    const shown = underWay.filter(({ startedAt }) => now - startedAt >= showFileAfterMs).slice(0, Math.max(0, room));
    return [
      progressLine(this.meter, now, columns, this.#paint),
      ...shown.map((file) => `  ${progressLine(file, now, columns - 2, this.#paint)}`),
    ];
  }
}

// Progress on a terminal: one line on stderr, drawn by cli-progress ten times a second and gone when the file is over.

import { stripVTControlCharacters } from 'node:util';
import cliProgress from 'cli-progress';
import { LineTerminal } from './LineTerminal.js';
import type { Paint, StandardStream } from './Output.js';
import type { Progress } from './Progress.js';
import { progressLine } from './progressLine.js';
import { TransferMeter } from './TransferMeter.js';
import { columnsOf } from './textWidth.js';

/** Columns that stay free: terminals wrap when the last one is written, and write `^C` where the line ends. */
const freeColumns = 3;
/** Columns where a terminal does not say how many it has. */
const assumedColumns = 80;

export class BarProgress implements Progress {
  readonly #stream: StandardStream;
  readonly #paint: Paint;
  #bar: cliProgress.SingleBar | undefined;
  #meter: TransferMeter | undefined;

  constructor(stream: StandardStream, paint: Paint) {
    this.#stream = stream;
    this.#paint = paint;
  }

  /** The line does not stay, so an end line never follows from it. */
  get hasShown(): boolean {
    return false;
  }

  begin(name: string): void {
    this.end();
    const meter = new TransferMeter(name, performance.now());
    this.#meter = meter;
    const options: cliProgress.Options & { readonly terminal: LineTerminal } = {
      terminal: new LineTerminal(this.#stream, (line) => columnsOf(stripVTControlCharacters(line))),
      format: () => this.#line(meter),
      fps: 10,
      clearOnComplete: true,
      // Signals are main's business; it ends the progress before the process.
      gracefulExit: false,
    };
    this.#bar = new cliProgress.SingleBar(options);
    // The meter counts; the bar only draws what `format` returns.
    this.#bar.start(1, 0);
  }

  expect(totalBytes: number | undefined): void {
    if (this.#meter !== undefined) this.#meter.totalBytes = totalBytes;
  }

  advance(bytes: number): void {
    this.#meter?.advance(bytes, performance.now());
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#meter = undefined;
  }

  #line(meter: TransferMeter): string {
    const columns = (this.#stream.columns ?? assumedColumns) - freeColumns;
    return progressLine(meter, performance.now(), columns, this.#paint);
  }
}

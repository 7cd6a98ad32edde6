// Progress on a terminal: one line on stderr, drawn by cli-progress ten times a second and gone when the file is over.

import cliProgress from 'cli-progress';
import type { Paint, StandardStream } from './Output.js';
import type { Progress } from './Progress.js';
import { progressLine } from './progressLine.js';
import { TransferMeter } from './TransferMeter.js';

/** Columns where a terminal does not say how many it has. */
const assumedColumns = 80;

export class BarProgress implements Progress {
  readonly #stream: StandardStream;
  readonly #paint: Paint;
  readonly #restore = () => this.end();
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
    this.#bar = new cliProgress.SingleBar({
      stream: this.#stream,
      format: () => this.#line(meter),
      fps: 10,
      hideCursor: true,
      clearOnComplete: true,
      // Signals are main's business; it ends the progress before the process.
      gracefulExit: false,
    });
    // For ends that do not come back here, such as that of a bug.
    process.once('exit', this.#restore);
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
    process.off('exit', this.#restore);
    this.#bar?.stop();
    this.#bar = undefined;
    this.#meter = undefined;
  }

  /** One column stays free: terminals wrap when the last one is written. */
  #line(meter: TransferMeter): string {
    const columns = (this.#stream.columns ?? assumedColumns) - 1;
    return progressLine(meter, performance.now(), columns, this.#paint);
  }
}

// Progress where lines stay, as in a log: nothing for half a minute, then a line every half minute.

import type { FileProgress, Progress } from './Progress.js';
import { plainProgressLine } from './progressLine.js';
import { RunMeter } from './RunMeter.js';

/** Milliseconds before the first line and between two. */
const intervalMs = 30_000;

export class PlainProgress implements Progress {
  readonly wantsSizes = true;
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  readonly #meter: RunMeter;
  #hasShown = false;

  /** `write` puts one line out. The time runs from here on, over all files. */
  constructor(write: (line: string) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
    this.#meter = new RunMeter(now);
    this.#timer = setInterval(() => this.tick(), intervalMs);
    this.#timer.unref();
  }

  get hasShown(): boolean {
    return this.#hasShown;
  }

  expectFiles(count: number, isFinal: boolean): void {
    this.#meter.expectFiles(count, isFinal);
  }

  found(sizeBytes: number | undefined): void {
    this.#meter.found(sizeBytes);
  }

  begin(name: string, sizeBytes: number | undefined): FileProgress {
    return this.#meter.begin(name, sizeBytes);
  }

  interject(write: () => void): void {
    write();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Another half minute is over. */
  tick(): void {
    const meter = this.#meter.isOfOneFile ? this.#meter.underWay[0] : this.#meter;
    if (meter === undefined || this.#meter.underWay.length === 0) return;
    this.#hasShown = true;
    this.#write(plainProgressLine(meter, this.#now()));
  }
}

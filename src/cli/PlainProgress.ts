// Progress where lines stay, as in a log: nothing for half a minute, then a line every half minute.

import type { Progress } from './Progress.js';
import { plainProgressLine } from './progressLine.js';
import { TransferMeter } from './TransferMeter.js';

/** Milliseconds before the first line and between two. */
const intervalMs = 30_000;

export class PlainProgress implements Progress {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #meter: TransferMeter | undefined;
  #hasShown = false;

  /** `write` puts one line out. The time runs from here on, over all files. */
  constructor(write: (line: string) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
    this.#timer = setInterval(() => this.tick(), intervalMs);
    this.#timer.unref();
  }

  get hasShown(): boolean {
    return this.#hasShown;
  }

  begin(name: string): void {
    this.#meter = new TransferMeter(name, this.#now());
  }

  expect(totalBytes: number | undefined): void {
    if (this.#meter !== undefined) this.#meter.totalBytes = totalBytes;
  }

  advance(bytes: number): void {
    this.#meter?.advance(bytes, this.#now());
  }

  end(): void {
    this.#meter = undefined;
  }

  /** Another half minute is over. */
  tick(): void {
    if (this.#meter === undefined) return;
    this.#hasShown = true;
    this.#write(plainProgressLine(this.#meter, this.#now()));
  }
}

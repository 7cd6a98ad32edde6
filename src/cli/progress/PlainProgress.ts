// Progress where lines stay, as in a log: nothing for half a minute, then a line every half minute.

import { MeteredProgress } from './MeteredProgress.js';
import { plainProgressLine } from './progressLine.js';

/** Milliseconds before the first line and between two. */
const intervalMs = 30_000;

export class PlainProgress extends MeteredProgress {
  readonly #write: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  #hasShown = false;

  /** `write` puts one line out. The time runs from here on, over all files. */
  constructor(write: (line: string) => void, now?: () => number) {
    super(now);
    this.#write = write;
    this.#timer = setInterval(() => this.tick(), intervalMs);
    this.#timer.unref();
  }

  get hasShown(): boolean {
    return this.#hasShown;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Another half minute is over. */
  tick(): void {
    const meter = this.meter.isOfOneFile ? this.meter.underWay[0] : this.meter;
    if (meter === undefined || this.meter.underWay.length === 0) return;
    this.#hasShown = true;
    this.#write(plainProgressLine(meter, this.now()));
  }
}

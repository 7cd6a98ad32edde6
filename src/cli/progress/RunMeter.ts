// What is known of all files of a run: how many are over, which are under way, how fast they go together. It draws nothing.

import { counted } from '../quantities.js';
import type { FileProgress } from './Progress.js';
import { type Meter, TransferMeter } from './TransferMeter.js';

export class RunMeter implements Meter {
  readonly #now: () => number;
  readonly #sum: TransferMeter;
  readonly #underWay = new Set<TransferMeter>();
  #fileCount = 1;
  #isCountFinal = true;
  #endedCount = 0;
  #percent = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#sum = new TransferMeter('', now());
  }

  /** Whether there is one file only, which then says all that is to be said. */
  get isOfOneFile(): boolean {
    return this.#isCountFinal && this.#fileCount <= 1;
  }

  /** The files under way, the oldest first. */
  get underWay(): readonly TransferMeter[] {
    return [...this.#underWay];
  }

  expectFiles(count: number, isFinal: boolean): void {
    this.#fileCount = count;
    this.#isCountFinal = isFinal;
  }

  /** A file begins; `onEnd` hears of its end. */
  begin(name: string, onEnd: () => void = () => {}): FileProgress {
    const meter = new TransferMeter(name, this.#now());
    this.#underWay.add(meter);
    return {
      expect: (totalBytes) => {
        meter.totalBytes = totalBytes;
      },
      advance: (bytes) => {
        const now = this.#now();
        meter.advance(bytes, now);
        this.#sum.advance(bytes, now);
      },
      end: () => {
        if (!this.#underWay.delete(meter)) return;
        this.#endedCount++;
        // A file that is over is something that moved, if it was empty.
        this.#sum.advance(0, this.#now());
        onEnd();
      },
    };
  }

  /** `141 of 219 files`; `141 of 219+ files` while they are still being counted. */
  get name(): string {
    return `${this.#endedCount} of ${counted(this.#fileCount, 'file').replace(' ', this.#isCountFinal ? ' ' : '+ ')}`;
  }
  get bytes(): number {
    return this.#sum.bytes;
  }
  /** Nobody has asked for the sizes of files that have not begun. */
  get totalBytes(): undefined {
    return undefined;
  }

  /** By files and the parts that are there of those under way; undefined while they are being counted. */
  get percent(): number | undefined {
    if (!this.#isCountFinal) return undefined;
    const parts = this.underWay.map(({ bytes, totalBytes }) => (totalBytes ? Math.min(1, bytes / totalBytes) : 0));
    const filesDone = parts.reduce((sum, part) => sum + part, this.#endedCount);
    const exact = this.#fileCount === 0 ? 100 : Math.floor((filesDone / this.#fileCount) * 100);
    this.#percent = Math.max(this.#percent, Math.min(exact, 100));
    return this.#percent;
  }

  rate(now: number): number {
    return this.#sum.rate(now);
  }

  /** Files that have not begun may have any size. */
  remainingMs(): undefined {
    return undefined;
  }

  stalledMs(now: number): number | undefined {
    return this.#sum.stalledMs(now);
  }
}

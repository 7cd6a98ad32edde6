// What is known of all files of a run: how many are over, which are under way, how much there is, how fast they go together. It
// draws nothing.

import { counted } from '../quantities.js';
import { FileMeter } from './FileMeter.js';
import type { FileProgress } from './Progress.js';
import { type Meter, TransferMeter } from './TransferMeter.js';

export class RunMeter implements Meter {
  readonly #now: () => number;
  readonly #sum: TransferMeter;
  /** Files whose turn it is, those among them whose bytes do not move yet included. */
  readonly #begun = new Set<FileMeter>();
  #fileCount = 1;
  #isCountFinal = true;
  #foundCount = 0;
  #endedCount = 0;
  /** Bytes of files that were found and not begun, and how many of them have a size that nobody knows. */
  #waitingBytes = 0;
  #unknownCount = 0;
  /** Bytes that files which are over have moved. */
  #endedBytes = 0;
  #percent = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#sum = new TransferMeter('', now());
  }

  /** Whether there is one file only, which then says all that is to be said. */
  get isOfOneFile(): boolean {
    return this.#isCountFinal && this.#fileCount <= 1;
  }

  /** The files whose bytes move, the oldest first. */
  get underWay(): readonly FileMeter[] {
    return [...this.#begun].filter(({ isStarted }) => isStarted);
  }

  get doneCount(): number {
    return this.#endedCount;
  }
  get fileCount(): number {
    return this.#fileCount;
  }
  get isCountFinal(): boolean {
    return this.#isCountFinal;
  }

  expectFiles(count: number, isFinal: boolean): void {
    this.#fileCount = count;
    this.#isCountFinal = isFinal;
  }

  found(sizeBytes: number | undefined): void {
    this.#foundCount++;
    this.#wait(sizeBytes, 1);
  }

  /** A file that was found has its turn; `onEnd` hears of its end. */
  begin(name: string, sizeBytes: number | undefined, onEnd: () => void = () => {}): FileProgress {
    const file = new FileMeter(name, sizeBytes, this.#now());
    this.#begun.add(file);
    this.#wait(sizeBytes, -1);
    return {
      start: (totalBytes, presentBytes) => {
        const movedBytes = file.start(totalBytes, presentBytes, this.#now());
        if (movedBytes !== 0) this.#sum.restart(this.#sum.bytes + movedBytes, this.#now());
      },
      advance: (bytes) => {
        const now = this.#now();
        file.advance(bytes, now);
        this.#sum.advance(bytes, now);
      },
      end: () => {
        if (!this.#begun.delete(file)) return;
        this.#endedCount++;
        this.#endedBytes += file.bytes;
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

  /** What has moved and what is still to move; undefined while a size is missing. */
  get totalBytes(): number | undefined {
    let total = this.#endedBytes + this.#waitingBytes;
    for (const { totalBytes } of this.#begun) {
      if (totalBytes === undefined) return undefined;
      total += totalBytes;
    }
    return this.#unknownCount > 0 || this.#foundCount === 0 ? undefined : total;
  }

  /** Whether no more files will be found, so that the total is all and not the least. */
  get isTotalFinal(): boolean {
    return this.#isCountFinal && this.#foundCount >= this.#fileCount;
  }

  /** By bytes where all sizes are known, else by files and the parts that are there of those under way; undefined while they are counted. */
  get percent(): number | undefined {
    if (!this.#isCountFinal) return undefined;
    this.#percent = Math.max(this.#percent, Math.min(100, Math.floor(100 * this.#share())));
    return this.#percent;
  }

  rate(now: number): number {
    return this.#sum.rate(now);
  }

  remainingMs(now: number): number | undefined {
    const { totalBytes } = this;
    const rate = this.rate(now);
    if (totalBytes === undefined || !this.isTotalFinal || rate === 0) return undefined;
    return (Math.max(0, totalBytes - this.bytes) * 1_000) / rate;
  }

  stalledMs(now: number): number | undefined {
    return this.#sum.stalledMs(now);
  }

  /** From 0 to 1; 1 only when every file is over. */
  #share(): number {
    if (this.#endedCount >= this.#fileCount) return 1;
    const { totalBytes } = this;
    if (this.isTotalFinal && totalBytes !== undefined && totalBytes > 0) {
      return Math.min(0.99, this.bytes / totalBytes);
    }
    const parts = [...this.#begun].map(({ bytes, totalBytes: size }) => (size ? Math.min(1, bytes / size) : 0));
    return Math.min(0.99, parts.reduce((sum, part) => sum + part, this.#endedCount) / this.#fileCount);
  }

  #wait(sizeBytes: number | undefined, by: 1 | -1): void {
    if (sizeBytes === undefined) this.#unknownCount += by;
    else this.#waitingBytes += by * sizeBytes;
  }
}

// Progress for programs: a record every second, while a file is under way, and one at the end.

import { recordText } from '../records/recordText.js';
import type { FileProgress, Progress } from './Progress.js';
import { RunMeter } from './RunMeter.js';

/** Milliseconds between two records. */
const intervalMs = 1_000;

export class JsonProgress implements Progress {
  readonly wantsSizes = true;
  readonly hasShown = false;
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  readonly #meter: RunMeter;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** `write` gets whole lines. */
  constructor(write: (line: string) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
    this.#meter = new RunMeter(now);
    this.#timer = setInterval(() => this.tick(), intervalMs);
    this.#timer.unref();
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
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.tick();
  }

  /** Another second is over. */
  tick(): void {
    const meter = this.#meter;
    const now = this.#now();
    const record = {
      type: 'progress' as const,
      doneCount: meter.doneCount,
      itemCount: meter.fileCount,
      isCountFinal: meter.isCountFinal,
      bytes: meter.bytes,
      totalBytes: meter.totalBytes ?? null,
      isTotalFinal: meter.isTotalFinal,
      percent: meter.percent ?? null,
      bytesPerSecond: Math.round(meter.rate(now)),
      stalledMs: roundedOrNull(meter.stalledMs(now)),
      files: meter.underWay.map((file) => ({
        name: file.name,
        bytes: file.bytes,
        totalBytes: file.totalBytes ?? null,
        stalledMs: roundedOrNull(file.stalledMs(now)),
      })),
    };
    this.#write(recordText(record));
  }
}

function roundedOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}

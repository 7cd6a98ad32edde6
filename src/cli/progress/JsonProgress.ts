// Progress for programs: a record every second, while a file is under way, and one at the end.

import { recordText } from '../records/recordText.js';
import { MeteredProgress } from './MeteredProgress.js';

/** Milliseconds between two records. */
const intervalMs = 1_000;

export class JsonProgress extends MeteredProgress {
  readonly hasShown = false;
  readonly #write: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** `write` gets whole lines. */
  constructor(write: (line: string) => void, now?: () => number) {
    super(now);
    this.#write = write;
    this.#timer = setInterval(() => this.tick(), intervalMs);
    this.#timer.unref();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.tick();
  }

  /** Another second is over. */
  tick(): void {
    const { meter } = this;
    const now = this.now();
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

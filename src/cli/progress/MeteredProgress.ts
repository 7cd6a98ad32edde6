// What all ways to show progress have in common: a meter that is told of everything.

import type { FileProgress, Progress } from './Progress.js';
import { RunMeter } from './RunMeter.js';

export abstract class MeteredProgress implements Progress {
  abstract readonly hasShown: boolean;
  readonly wantsSizes = true;
  protected readonly meter: RunMeter;
  protected readonly now: () => number;

  /** `now` is in milliseconds of any clock that only goes forward. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.meter = new RunMeter(now);
  }

  expectFiles(count: number, isFinal: boolean): void {
    this.meter.expectFiles(count, isFinal);
  }

  found(sizeBytes: number | undefined): void {
    this.meter.found(sizeBytes);
  }

  begin(name: string, sizeBytes: number | undefined): FileProgress {
    return this.meter.begin(name, sizeBytes);
  }

  interject(write: () => void): void {
    write();
  }

  abstract end(): void;
}

// One file of a run from its turn to its end: shown as progress, and kept for what a hasty end would have to say of its destination.

import type { CopyOptions } from '../transfer/copyFile.js';
import type { PartialFile } from '../transfer/Endpoint.js';
import { noteBytesMoved } from './engine.js';
import type { FileProgress } from './progress/Progress.js';
import type { Tally } from './Tally.js';

export interface WatchingRun {
  readonly tally: Tally;
  readonly signal: AbortSignal;
  /** The destinations that are being written. */
  readonly underWay: Map<WatchedFile, PartialFile>;
}

export class WatchedFile implements Disposable {
  readonly #progress: FileProgress;
  readonly #run: WatchingRun;

  constructor(progress: FileProgress, run: WatchingRun) {
    this.#progress = progress;
    this.#run = run;
  }

  /** For a copy of the file to `shownDestination`, where it has one that can be left incomplete. */
  options(shownDestination?: string): CopyOptions {
    let [bytes, totalBytes]: [number, number | undefined] = [0, undefined];
    const note = () => {
      if (shownDestination === undefined) return;
      this.#run.underWay.set(this, { state: 'partial', shown: shownDestination, bytes, totalBytes });
    };
    return {
      signal: this.#run.signal,
      onStart: (sizeBytes, presentBytes) => {
        this.#progress.start(sizeBytes, presentBytes);
        [bytes, totalBytes] = [presentBytes, sizeBytes];
        note();
      },
      onProgress: (moved) => {
        this.#progress.advance(moved);
        noteBytesMoved(moved);
        this.#run.tally.movedBytes += moved;
        bytes += moved;
        note();
      },
    };
  }

  /** The file is over, well or not. */
  [Symbol.dispose](): void {
    this.#progress.end();
    this.#run.underWay.delete(this);
  }
}

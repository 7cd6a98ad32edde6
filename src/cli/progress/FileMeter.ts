// What is known of one file of a run. What was in place before its bytes began to move is none of what moves.

import { TransferMeter } from './TransferMeter.js';

export class FileMeter extends TransferMeter {
  /** Bytes that were in place when it first began; undefined before. */
  #baseBytes: number | undefined;

  /** `sizeBytes` is what it was found with, until it begins. */
  constructor(name: string, sizeBytes: number | undefined, now: number) {
    super(name, now);
    this.totalBytes = sizeBytes;
  }

  get isStarted(): boolean {
    return this.#baseBytes !== undefined;
  }

  /** Begins, or begins anew: returns by how many bytes that changes what has moved, below 0 where some have to move again. */
  start(totalBytes: number | undefined, presentBytes: number, now: number): number {
    if (this.#baseBytes === undefined) this.startedAt = now;
    this.#baseBytes = Math.min(this.#baseBytes ?? presentBytes, presentBytes);
    this.totalBytes = totalBytes === undefined ? undefined : Math.max(0, totalBytes - this.#baseBytes);
    const before = this.bytes;
    const after = presentBytes - this.#baseBytes;
    if (after !== before) this.restart(after, now);
    return after - before;
  }
}

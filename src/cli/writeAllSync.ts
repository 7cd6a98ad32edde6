// Writes at once and to the end, for last words: what is given to a stream then would never arrive.

import { writeSync } from 'node:fs';

/** Milliseconds between two tries to write to a pipe that is full. */
const retryMs = 5;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of `bytes` to `fd`; a pipe that stays full for `patienceMs` is left alone. @throws as write(2) */
export function writeAllSync(fd: number, bytes: Uint8Array, patienceMs: number): void {
  let deadline = performance.now() + patienceMs;
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(fd, bytes, offset);
      deadline = performance.now() + patienceMs;
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isFull || performance.now() > deadline) throw error;
      Atomics.wait(sleeper, 0, 0, retryMs);
    }
  }
}

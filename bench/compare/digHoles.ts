// Lets a file grow without taking memory: what was written to it is made a hole again while the rest is still coming.

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const everyMs = 100;

/**
 * Until it is disposed of, `path`, a file of zeros on a memory file system that may not exist yet, keeps its length and loses
 * its pages. Its content stays what it is.
 */
export function digHoles(path: string): AsyncDisposable {
  const ending = new AbortController();
  const digging = dig(path, ending.signal);
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await digging;
    },
  };
}

async function dig(path: string, signal: AbortSignal): Promise<void> {
  let dugTo = 0;
  while (!signal.aborted) {
    const size = await stat(path).then(
      (stats) => stats.size,
      () => 0,
    );
    if (size > dugTo) {
      const place = ['--offset', `${dugTo}`, '--length', `${size - dugTo}`];
      await promisify(execFile)('fallocate', ['--punch-hole', ...place, path]);
      dugTo = size;
    }
    await sleep(everyMs);
  }
}

// How many small files are under way on lines of known round trip, in simulated time.

import * as assert from 'uvu/assert';
import { SmallFilesInFlight } from '../../src/transfer/SmallFilesInFlight.js';
import { describe } from '../helpers/describe.js';

interface Line {
  /** What one file takes that waits for nothing else. */
  readonly fileMs: number;
  /** What both ends do at most. */
  readonly filesPerMs: number;
  readonly fileBytes: number;
}

/** The limit after `count` files that were copied as many at a time as it allowed. */
function limitAfter(count: number, { fileMs, filesPerMs, fileBytes }: Line): number {
  let now = 0;
  const inFlight = new SmallFilesInFlight(() => now);
  for (let done = 0; done < count; done++) {
    now += 1 / Math.min(filesPerMs, inFlight.limit / fileMs);
    inFlight.copied(fileBytes);
  }
  return inFlight.limit;
}

describe('small files in flight', (test) => {
  test('are 256 at first, and stay that on a short line', () => {
    assert.is(limitAfter(0, { fileMs: 1, filesPerMs: 5, fileBytes: 4_000 }), 256);
    assert.is(limitAfter(5_000, { fileMs: 1, filesPerMs: 5, fileBytes: 4_000 }), 256);
  });

  test('become twice as many where that is faster', () => {
    const line = { fileMs: 100, fileBytes: 4_000 };
    assert.is(limitAfter(800, { ...line, filesPerMs: 5 }), 512);
    assert.is(limitAfter(5_000, { ...line, filesPerMs: 5 }), 512);
    assert.is(limitAfter(5_000, { ...line, filesPerMs: 2.6 }), 256);
  });

  test('begin with no more than 16 MiB', () => {
    const line = { fileMs: 1_000, filesPerMs: 50 };
    assert.is(limitAfter(50_000, { ...line, fileBytes: 64 * 1024 }), 256);
    assert.is(limitAfter(50_000, { ...line, fileBytes: 32 * 1024 }), 512);
  });
});

// Memory that is used again is never in two hands at once.

import * as assert from 'uvu/assert';
import { recycleChunk, takeChunk } from '../../src/protocol/chunkPool.js';
import { describe } from '../helpers/describe.js';

describe('the pool of chunks', (test) => {
  test('gives every size that is asked for', () => {
    for (const size of [0, 1, 32_767, 32_768, 262_145, 1_048_576, 1_048_577, 1_048_578]) {
      const chunk = takeChunk(size);
      assert.is(chunk.length, size);
      recycleChunk(chunk);
    }
  });

  test('never gives memory out twice, also when a chunk comes back twice or in parts', () => {
    const chunks = Array.from({ length: 20 }, () => takeChunk(100_000));
    for (const chunk of chunks) {
      recycleChunk(chunk);
      recycleChunk(chunk.subarray(10, 20));
    }
    recycleChunk(Buffer.from('of somebody else'));
    const taken = Array.from({ length: 20 }, () => takeChunk(100_000));
    assert.is(new Set(taken.map((chunk) => chunk.buffer)).size, 20);
  });
});

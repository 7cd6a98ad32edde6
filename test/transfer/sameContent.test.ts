// Where two files begin to differ, however their bytes are cut into chunks on either side.

import * as assert from 'uvu/assert';
import { firstDifference, haveSameContent } from '../../src/transfer/sameContent.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';

const chunkBytes = 64;

async function difference(a: Buffer, b: Buffer, otherChunkBytes: number): Promise<number | undefined> {
  const one = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes });
  const two = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes: otherChunkBytes });
  one.disk.put('/f', a);
  two.disk.put('/f', b);
  const found = await firstDifference(one.at('/f'), two.at('/f'), {});
  assert.is(await haveSameContent(one.at('/f'), two.at('/f'), {}), found === undefined);
  checkAtRest(one.system, two.system);
  return found;
}

/** `content` with another byte at `offset`. */
function changedAt(content: Buffer, offset: number): Buffer {
  const changed = Buffer.from(content);
  changed[offset] = (changed[offset] ?? 0) ^ 1;
  return changed;
}

describe('the first difference of two files', (test) => {
  const content = contentOf(10 * chunkBytes + 3);
  for (const otherChunkBytes of [chunkBytes, 7, 1000]) {
    test(`is none where they are the same, chunks of ${chunkBytes} and ${otherChunkBytes} bytes`, async () => {
      for (const size of [0, 1, chunkBytes, content.length]) {
        const bytes = content.subarray(0, size);
        assert.is(await difference(bytes, bytes, otherChunkBytes), undefined);
      }
    });

    test(`is the first byte that differs, chunks of ${chunkBytes} and ${otherChunkBytes} bytes`, async () => {
      for (const at of [0, chunkBytes - 1, chunkBytes, content.length - 1]) {
        assert.is(await difference(content, changedAt(content, at), otherChunkBytes), at);
      }
    });

    test(`is the end of the shorter one, chunks of ${chunkBytes} and ${otherChunkBytes} bytes`, async () => {
      for (const size of [0, 1, chunkBytes - 1, chunkBytes, content.length - 1]) {
        const beginning = content.subarray(0, size);
        assert.is(await difference(content, beginning, otherChunkBytes), size);
        assert.is(await difference(beginning, content, otherChunkBytes), size);
      }
    });
  }
});

// When files are read and written on this thread, and when the thread pool has to.

import * as assert from 'uvu/assert';
import { QuickStorage } from '../../src/fs/QuickStorage.js';
import { describe } from '../helpers/describe.js';

const quickMs = 20;

function takeLong(): void {
  for (const end = performance.now() + quickMs + 1; performance.now() < end; );
}

/** How many steps go to the pool before the next one that is done here. */
function detourOf(storage: QuickStorage): number {
  let steps = 0;
  while (!storage.isQuick()) steps++;
  return steps;
}

describe('storage', (test) => {
  test('is not trusted with the first step, and then until one takes long', () => {
    const storage = new QuickStorage(quickMs);
    assert.is(detourOf(storage), 1);
    for (let step = 0; step < 100; step++) {
      assert.is(
        storage.timed(() => step),
        step,
      );
      assert.is(detourOf(storage), 0);
    }
  });

  test('is left to the pool for longer each time that it is slow again, and not for ever', () => {
    const storage = new QuickStorage(quickMs);
    const detours = Array.from({ length: 9 }, () => {
      detourOf(storage);
      storage.timed(takeLong);
      return detourOf(storage);
    });
    assert.equal(detours, [16, 32, 64, 128, 256, 512, 1024, 1024, 1024]);
  });

  test('that is slow once in a while is left to it for a short time only', () => {
    const storage = new QuickStorage(quickMs);
    detourOf(storage);
    for (let round = 0; round < 4; round++) {
      storage.timed(takeLong);
      assert.is(detourOf(storage), 16);
      for (let step = 0; step < 40; step++) storage.timed(() => {});
    }
  });

  test('counts a step that fails like any other', () => {
    const storage = new QuickStorage(quickMs);
    detourOf(storage);
    assert.throws(() =>
      storage.timed(() => {
        takeLong();
        throw new Error('no space');
      }),
    );
    assert.is(detourOf(storage), 16);
  });
});

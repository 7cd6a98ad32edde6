// Work that never waits for anything, and what waits for it.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { breatherIfDue } from '../../src/fs/loopTurn.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

/** Far longer than it takes, for machines that run other work. */
const givenUpAfterMs = 10_000;

/** Repeats `step`, which may settle without a turn of the event loop, until a timer has fired. Resolves with whether one has. */
async function letTimerFire(step: () => Promise<unknown> | undefined): Promise<boolean> {
  const startedAt = performance.now();
  let hasFired = false;
  setTimeout(() => {
    hasFired = true;
  }, 0);
  while (!hasFired && performance.now() - startedAt < givenUpAfterMs) await step();
  return hasFired;
}

describe('a turn of the event loop', (test) => {
  test('ends for work that never waits, when it has lasted long', async () => {
    assert.is(await letTimerFire(breatherIfDue), true);
  });

  test('does not end at once', async () => {
    await new Promise(setImmediate);
    assert.is(breatherIfDue(), undefined);
    assert.is(breatherIfDue(), undefined);
  });

  test('ends for chunks that are read and for chunks that are written', async () => {
    await using place = await temporaryDirectory('/dev/shm');
    const here = new LocalFileSystem();
    await writeFile(place.join('from'), contentOf(100_000));
    await using source = await here.openRead(place.join('from'));
    await using destination = await here.openWrite(place.join('to'));
    const chunk = contentOf(1_000);
    assert.is(await letTimerFire(() => source.read(0, 1_000)), true);
    assert.is(await letTimerFire(() => destination.write(chunk)), true);
  });

  test('ends after sixteen chunks that are read, before a window of them piles up', async () => {
    await using place = await temporaryDirectory('/dev/shm');
    await writeFile(place.join('from'), contentOf(100_000));
    await using source = await new LocalFileSystem().openRead(place.join('from'));
    // The first step is never done on this thread.
    await source.read(0, 1_000);
    let done = 0;
    const inNextTurn = new Promise<number>((resolve) => setImmediate(() => resolve(done)));
    const reads = Array.from({ length: 64 }, async (_, index) => {
      await source.read(index * 1_000, 1_000);
      done++;
    });
    assert.ok((await inNextTurn) < 64, 'all of them were read in one turn');
    await Promise.all(reads);
  });
});

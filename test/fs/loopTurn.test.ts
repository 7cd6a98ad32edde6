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
});

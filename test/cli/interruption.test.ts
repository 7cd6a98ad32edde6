// What counts as a second signal. In a process of its own: the second one ends it.

import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { inChild } from '../helpers/inChild.js';

/** The signals after which the process would have ended at once, when each comes so many milliseconds behind the first. */
async function endings(sent: readonly (readonly [signal: string, afterMs: number])[]): Promise<unknown> {
  return inChild(`
    const { Interruption } = await source('cli/Interruption.js');
    const interruption = new Interruption();
    let now = 1000;
    performance.now = () => now;
    const endings = [];
    interruption.raise = () => {};
    for (const [signal, afterMs] of ${JSON.stringify(sent)}) {
      interruption.lastWords = () => endings.push(signal + ' after ' + afterMs);
      now = 1000 + afterMs;
      process.emit(signal, signal);
    }
    console.log(JSON.stringify(endings));
    process.exit();
  `);
}

describe('a signal again', (test) => {
  test('is the same wish when it comes with the first, as behind timeout and npm', async () => {
    assert.equal(
      await endings([
        ['SIGINT', 0],
        ['SIGINT', 1],
        ['SIGINT', 29],
      ]),
      [],
    );
  });

  test('ends the process at once when somebody sent it', async () => {
    assert.equal(
      await endings([
        ['SIGTERM', 0],
        ['SIGTERM', 30],
      ]),
      ['SIGTERM after 30'],
    );
    assert.equal(
      await endings([
        ['SIGINT', 0],
        ['SIGTERM', 1],
      ]),
      ['SIGTERM after 1'],
    );
  });
});

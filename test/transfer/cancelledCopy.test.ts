// Copies that are stopped at any call of theirs: at once, with everything settled and closed, and with a true report.

import * as assert from 'uvu/assert';
import { CancelledError } from '../../src/errors.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, checkReport, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour, Call } from '../helpers/simulatedFileSystem.js';

const chunkBytes = 1024;
const content = contentOf(12 * chunkBytes + 5);
const old = contentOf(30_000, 2);

/** Copies while `stop` is asked at each call on either side whether to abort with `reason`. */
async function stoppedCopy(stop: (call: Call, side: 'from' | 'to') => boolean, reason: unknown, behaviour: Behaviour) {
  const abort = new AbortController();
  const hook = (side: 'from' | 'to') => (call: Call) => {
    if (stop(call, side)) abort.abort(reason);
  };
  const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes, ...behaviour, before: hook('from') });
  const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, ...behaviour, before: hook('to') });
  from.disk.put('/a', content);
  to.disk.put('/b', old);
  const copying = copyFile(from.at('/a'), to.at('/b'), { signal: abort.signal, windowBytes: 8 * chunkBytes });
  return { from, to, abort, copying };
}

describe('a cancelled copy', (test) => {
  for (const behaviour of [{}, { ignoresSignals: true }, { writes: 'buffered' }, { writes: 'positional' }] as const) {
    test(`is true to its report whichever of its calls was the last: ${JSON.stringify(behaviour)}`, async () => {
      let stops = 0;
      for (let at = 1; ; at++) {
        let calls = 0;
        const { from, to, abort, copying } = await stoppedCopy(() => ++calls === at, new CancelledError(), behaviour);
        if (
          await copying.then(
            () => true,
            () => false,
          )
        ) {
          assert.ok(to.disk.content('/b')?.equals(content));
          if (!abort.signal.aborted) break;
          continue;
        }
        stops++;
        const failure = await failureOf(copying);
        assert.is(failure.code, 'cancelled');
        checkReport(failure, content, old, to.disk.content('/b'));
        checkAtRest(from.system, to.system);
      }
      assert.ok(stops >= 20, `${stops} places to stop at`);
    });
  }

  test('is a cancellation whatever the reason that its caller gave', async () => {
    for (const reason of [new Error('enough'), 'enough', undefined]) {
      const { from, to, copying } = await stoppedCopy(
        ({ operation, count }) => operation === 'write' && count === 3,
        reason,
        {},
      );
      const failure = await failureOf(copying);
      assert.is(failure.code, 'cancelled');
      assert.is(failure.partial?.state, 'partial');
      checkReport(failure, content, old, to.disk.content('/b'));
      checkAtRest(from.system, to.system);
    }
  });

  test('sends no read and no write behind the abort', async () => {
    const abort = new AbortController();
    const late: string[] = [];
    const before = ({ operation, count }: Call) => {
      if (abort.signal.aborted && (operation === 'read' || operation === 'write')) late.push(operation);
      if (operation === 'write' && count === 4) abort.abort(new CancelledError());
    };
    const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes, before });
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, before });
    from.disk.put('/a', content);
    await failureOf(copyFile(from.at('/a'), to.at('/b'), { signal: abort.signal, windowBytes: 4 * chunkBytes }));
    assert.ok(late.length <= 2, `${late.join(', ')} were made behind the abort`);
  });

  test('rethrows what is a bug, with both ends closed', async () => {
    const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes });
    const before = ({ operation, count }: Call) => {
      if (operation === 'write' && count === 3) throw new TypeError('a bug');
    };
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, before });
    from.disk.put('/a', content);
    const error = await copyFile(from.at('/a'), to.at('/b')).catch((caught: unknown) => caught);
    assert.instance(error, TypeError);
    checkAtRest(from.system, to.system);
  });

  test('ends although the destination answers nothing any more', async () => {
    const abort = new AbortController();
    const before = ({ operation, count }: Call) => {
      if (operation !== 'write' || count < 3) return undefined;
      abort.abort(new CancelledError());
      return new Promise<void>(() => {});
    };
    const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes });
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, before });
    from.disk.put('/a', content);
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b'), { signal: abort.signal }));
    assert.is(failure.partial?.state, 'unknown');
    checkReport(failure, content, undefined, to.disk.content('/b'));
    checkAtRest(from.system);
  });

  test('ends although the source answers nothing any more', async () => {
    const abort = new AbortController();
    const before = ({ operation, count }: Call) => {
      if (operation === 'read' && count > 10) abort.abort(new CancelledError());
      return abort.signal.aborted ? new Promise<void>(() => {}) : undefined;
    };
    const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes, before });
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes });
    from.disk.put('/a', content);
    // The destination is open before the source stops.
    const options = { signal: abort.signal, windowBytes: 8 * chunkBytes };
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b'), options));
    assert.is(failure.partial?.state, 'partial');
    checkReport(failure, content, undefined, to.disk.content('/b'));
    checkAtRest(to.system);
  });
});

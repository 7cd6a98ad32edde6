// Copies that are tried again after a lost connection: what is there is gone on with only when it is known to be right.

import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ConnectionClosedError, FileError, ReconnectError, TimeoutError } from '../../src/errors.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { withRetries } from '../../src/transfer/retries.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, checkReport, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour, Call } from '../helpers/simulatedFileSystem.js';

const sizeBytes = 10_000;
const content = contentOf(sizeBytes);
const other = contentOf(sizeBytes, 77);

interface SceneOptions {
  /** Reads, counted over all attempts, that lose the connection. */
  readonly lostReads?: readonly number[];
  readonly isVerified?: boolean;
  readonly retries?: number;
  readonly isInsistent?: boolean;
  readonly from?: Behaviour;
  readonly to?: Behaviour;
  /** Happens after so many attempts. */
  readonly between?: (scene: { from: ReturnType<typeof serverOf>; to: ReturnType<typeof serverOf> }) => void;
}

/** A download of `/a` to `/b` whose connection is lost now and then. */
function scene(options: SceneOptions = {}) {
  const lose = ({ operation, count }: Call) => {
    if (operation === 'read' && options.lostReads?.includes(count)) throw new ConnectionClosedError('gone');
  };
  const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes: 1024, before: lose, ...options.from });
  const to = serverOf(new SimulatedDisk(2n), 'here', { chunkBytes: 700, isLocal: true, ...options.to });
  from.disk.put('/a', content);
  const { retries = 3, isInsistent = false, isVerified } = options;
  let attempts = 0;
  const starts: number[] = [];
  const copy = () =>
    withRetries({ retries, isInsistent }, (trail) => {
      if (attempts++ === 1) options.between?.({ from, to });
      const onStart = (_total: number | undefined, held: number) => void starts.push(held);
      return copyFile(from.at('/a'), to.at('/b'), { trail, isVerified, onStart, windowBytes: 4096 });
    });
  return { from, to, copy, starts };
}

describe('a copy whose connection is lost', (test) => {
  test('goes on behind what it has written, and opens the destination once only', async () => {
    const { from, to, copy, starts } = scene({ lostReads: [5, 9] });
    assert.equal(await copy(), { bytes: sizeBytes, attempts: 3 });
    assert.ok(to.disk.content('/b')?.equals(content));
    const [first, second = 0, third = 0] = starts;
    assert.is(first, 0);
    assert.ok(second > 0 && third > second, `${starts}`);
    assert.equal([to.system.countOf('openWrite'), to.system.countOf('openAppend')], [1, 2]);
    // Nothing of the source is read twice but what was on its way.
    assert.ok(from.system.countOf('read') <= 2 + Math.ceil(sizeBytes / 700) + 6);
    checkAtRest(from.system, to.system);
  });

  test('is written again where the source has another time, if it has other bytes', async () => {
    const between: SceneOptions['between'] = ({ from }) => {
      from.disk.put('/a', other);
      from.disk.file('/a').modifiedAtMs += 5;
    };
    const { to, copy } = scene({ lostReads: [5], between });
    assert.equal(await copy(), { bytes: sizeBytes, attempts: 2 });
    assert.ok(to.disk.content('/b')?.equals(other));
  });

  test('is compared where somebody else has written to the destination', async () => {
    const between: SceneOptions['between'] = ({ to }) => {
      const file = to.disk.file('/b');
      file.content[0] = (file.content[0] ?? 0) ^ 1;
      file.modifiedAtMs += 5;
    };
    const { to, copy, starts } = scene({ lostReads: [5], between });
    assert.equal(await copy(), { bytes: sizeBytes, attempts: 2 });
    assert.ok(to.disk.content('/b')?.equals(content));
    assert.equal(starts, [0, 0]);
  });

  test('is compared where the server tells no size', async () => {
    const { to, copy } = scene({ lostReads: [5], from: { hidesSize: true } });
    assert.equal(await copy(), { bytes: sizeBytes, attempts: 2 });
    assert.ok(to.disk.content('/b')?.equals(content));
  });

  test('is found out where it is to be verified and what was written has changed unseen', async () => {
    const between: SceneOptions['between'] = ({ to }) => {
      const file = to.disk.file('/b');
      file.content[0] = (file.content[0] ?? 0) ^ 1;
    };
    const { copy } = scene({ lostReads: [5], isVerified: true, between });
    assert.is((await failureOf(copy())).code, 'verification_failed');
  });

  test('begins from the start on a server, with a fresh open, and sends no write twice', async () => {
    const lost = ({ operation, count }: Call) => {
      if (operation === 'write' && count === 5) throw new ConnectionClosedError('gone');
    };
    const { from, to, copy } = scene({ to: { isLocal: false, writes: 'stopping', before: lost } });
    assert.equal(await copy(), { bytes: sizeBytes, attempts: 2 });
    assert.ok(to.disk.content('/b')?.equals(content));
    assert.is(to.system.countOf('openWrite'), 2);
    checkAtRest(from.system, to.system);
  });

  test('fails with what the last attempt that opened the destination left', async () => {
    let opens = 0;
    const before = ({ operation, count }: Call) => {
      if (operation === 'read' && count === 5) throw new ConnectionClosedError('gone');
      if (operation === 'openRead' && ++opens > 1) throw new ReconnectError('gone; 3 attempts to reconnect failed');
    };
    const { to, copy } = scene({ from: { before } });
    const error = await failureOf(copy());
    assert.equal([error.code, error.attempts], ['connection_closed', 2]);
    assert.is(error.message, 'gone; 3 attempts to reconnect failed (attempt 2)');
    assert.is(error.partial?.state, 'partial');
    checkReport(error, content, undefined, to.disk.content('/b'));
  });

  test('is tried so often and no oftener', async () => {
    for (const retries of [0, 1, 4]) {
      const { from, copy } = scene({ retries, lostReads: Array.from({ length: 400 }, (_, index) => index) });
      assert.is((await failureOf(copy())).attempts, retries + 1);
      assert.is(from.system.countOf('openRead'), retries + 1);
    }
  });

  test('is not tried again for any other failure, and for silence only where that is wanted', async () => {
    const failing = (error: Error): Behaviour => ({
      chunkBytes: 1024,
      before: ({ operation, count }) => {
        if (operation === 'read' && count === 3) throw error;
      },
    });
    const refused = new FileError('io_error', 'read', '/a', 'input/output error');
    assert.is((await failureOf(scene({ from: failing(refused) }).copy())).attempts, 1);
    const silent = failing(new TimeoutError('read', 1));
    assert.is((await failureOf(scene({ from: silent }).copy())).attempts, 1);
    assert.equal(await scene({ from: silent, isInsistent: true }).copy(), { bytes: sizeBytes, attempts: 2 });
  });

  test('is the source whenever it succeeds, whatever is lost and changed', async () => {
    const changes = fc.constantFrom('nothing', 'source', 'destination', 'longer source');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
        changes,
        fc.boolean(),
        async (lostReads, change, isVerified) => {
          let expected = content;
          const between: SceneOptions['between'] = ({ from, to }) => {
            if (change === 'destination' && to.disk.content('/b') !== undefined) {
              to.disk.put('/b', other.subarray(0, 3_000));
              to.disk.file('/b').modifiedAtMs += 1;
            }
            if (change !== 'source' && change !== 'longer source') return;
            expected = change === 'source' ? other : Buffer.concat([content, other]);
            from.disk.put('/a', expected);
            from.disk.file('/a').modifiedAtMs += 1;
          };
          const { from, to, copy } = scene({ lostReads, isVerified, retries: 6, between });
          await copy();
          assert.ok(to.disk.content('/b')?.equals(expected));
          checkAtRest(from.system, to.system);
        },
      ),
      { numRuns: 200 },
    );
  });
});

// Attributes that take a program on a server: gathered, set many at a time, and counted where they could not be.

import * as assert from 'uvu/assert';
import { CodexfsError, ConnectionClosedError } from '../../src/errors.js';
import type { AttributeChange, FileSystem } from '../../src/fs/FileSystem.js';
import { limits } from '../../src/protocol/limits.js';
import { LaterAttributes } from '../../src/transfer/LaterAttributes.js';
import { endpoint } from '../helpers/copying.js';
import { describe, rejection } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import { SimulatedFileSystem } from '../helpers/simulatedFileSystem.js';

/** A server whose programs tell `modes` and set everything but what is `stubborn`, or fail with `failure`. */
function server({
  modes = {} as Record<string, number>,
  stubborn = '',
  failure = undefined as Error | undefined,
} = {}) {
  const calls: string[][] = [];
  const changes: AttributeChange[] = [];
  const fileSystem: FileSystem = Object.assign(new SimulatedFileSystem(new SimulatedDisk()), {
    readModes: async (paths: readonly string[]) => {
      if (failure !== undefined) throw failure;
      return new Map(paths.flatMap((path) => (path in modes ? [[path, modes[path] ?? 0] as const] : [])));
    },
    setManyAttributes: async (wanted: readonly AttributeChange[]) => {
      if (failure !== undefined) throw failure;
      calls.push(wanted.map(({ path }) => path));
      changes.push(...wanted);
      return wanted.map(({ path }) => (path === stubborn ? (['mode'] as const) : []));
    },
  });
  return { calls, changes, at: (path: string) => endpoint(fileSystem, path, 'box') };
}

const nowhere = server();

describe('attributes for later', (test) => {
  test('are asked for and set in one go, and counted where nobody tells them or they stay as they are', async () => {
    const from = server({ modes: { '/a': 0o104_755, '/b': 0o100_600 } });
    const to = server({ stubborn: '/b' });
    const later = new LaterAttributes();
    for (const path of ['/a', '/b', '/c']) {
      await later.add({ from: from.at(path), to: to.at(path), attribute: 'mode', attributes: undefined });
    }
    await later.add({ from: from.at('/a'), to: to.at('/a'), attribute: 'times', attributes: { modifiedAtMs: 7 } });
    assert.equal(to.calls, []);
    assert.equal(await later.finish(), new Map([['mode', 2]]));
    assert.equal(to.changes, [
      { path: '/a', attributes: { mode: 0o755 } },
      { path: '/b', attributes: { mode: 0o600 } },
      { path: '/a', attributes: { modifiedAtMs: 7 } },
    ]);
    assert.is(to.calls.length, 1);
  });

  test('are set before the end when many wait', async () => {
    const to = server();
    const later = new LaterAttributes();
    const attributes = { modifiedAtMs: 7 };
    for (let count = 0; count < limits.attributesKept; count++) {
      assert.is(to.calls.length, 0);
      await later.add({ from: nowhere.at('/a'), to: to.at(`/${count}`), attribute: 'times', attributes });
    }
    assert.is(to.calls[0]?.length, limits.attributesKept);
    assert.equal(await later.finish(), new Map());
  });

  test('are set one by one where the destination is this host', async () => {
    const disk = new SimulatedDisk();
    disk.put('/a', Buffer.alloc(0));
    const here = new SimulatedFileSystem(disk, { isLocal: true });
    const from = server({ modes: { '/a': 0o100_640 } });
    const later = new LaterAttributes();
    for (const path of ['/a', '/none']) {
      const to = endpoint(here, path, 'here');
      await later.add({ from: from.at('/a'), to, attribute: 'mode', attributes: undefined });
    }
    assert.equal(await later.finish(), new Map([['mode', 1]]));
    assert.is(disk.file('/a').mode, 0o640);
  });

  for (const asks of ['source', 'destination'] as const) {
    test(`are no failure of the files that are there when the ${asks} is lost`, async () => {
      const lost = server({ failure: new ConnectionClosedError('the line was cut') });
      const [from, to] = asks === 'source' ? [lost, server()] : [server({ modes: { '/a': 0o644 } }), lost];
      const later = new LaterAttributes();
      await later.add({ from: from.at('/a'), to: to.at('/a'), attribute: 'mode', attributes: undefined });
      assert.equal(await later.finish(), new Map([['mode', 1]]));
    });
  }

  test('are left as they are once the run is cancelled, and counted', async () => {
    const to = server();
    const abort = new AbortController();
    const later = new LaterAttributes(abort.signal);
    await later.add({ from: nowhere.at('/a'), to: to.at('/a'), attribute: 'times', attributes: { modifiedAtMs: 7 } });
    abort.abort(new CodexfsError('cancelled', 'cancelled'));
    assert.equal(await later.finish(), new Map([['times', 1]]));
    assert.equal(to.calls, []);
  });

  test('hide no bug', async () => {
    const to = server({ failure: new TypeError('a bug') });
    const later = new LaterAttributes();
    await later.add({ from: nowhere.at('/a'), to: to.at('/a'), attribute: 'times', attributes: { modifiedAtMs: 7 } });
    await rejection(later.finish(), TypeError);
  });
});

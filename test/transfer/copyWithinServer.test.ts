// Copies by a server's own means: never onto the source itself, checked afterwards, and truly reported.

import * as assert from 'uvu/assert';
import { CancelledError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { copyWithinServer } from '../../src/transfer/copyWithinServer.js';
import { contentOf } from '../helpers/content.js';
import { failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour, Call } from '../helpers/simulatedFileSystem.js';

const content = contentOf(5000);

function server(behaviour: Behaviour = {}) {
  const one = serverOf(new SimulatedDisk(), 'one', behaviour);
  one.disk.put('/a', content);
  return one;
}

describe('a copy within a server', (test) => {
  test('is made by the server, of what a link leads to', async () => {
    const { disk, system, at } = server();
    disk.links.set('/soft', '/a');
    const heard: number[] = [];
    const onProgress = (bytes: number) => void heard.push(bytes);
    assert.equal(await copyWithinServer(at('/soft'), at('/b'), { onProgress }), { bytes: 5000 });
    assert.ok(disk.content('/b')?.equals(content));
    assert.is(system.countOf('openRead') + system.countOf('openWrite'), 0);
    assert.equal(heard, [5000]);
  });

  for (const name of ['/a', '/./a', '/hard', '/soft']) {
    for (const hidesIdentity of [false, true]) {
      test(`is not asked for onto ${name}, inodes ${hidesIdentity ? 'hidden' : 'told'}`, async () => {
        const { disk, system, at } = server({ hidesIdentity });
        disk.hardLink('/a', '/hard');
        disk.links.set('/soft', '/a');
        const failure = await failureOf(copyWithinServer(at('/a'), at(name)));
        const isUnproven = hidesIdentity && name === '/hard';
        assert.is(failure.code, isUnproven ? 'unsupported' : 'same_file');
        assert.is(failure.partial, undefined);
        assert.is(system.countOf('copyWithin'), 0);
        assert.ok(disk.content('/a')?.equals(content));
      });
    }
  }

  test('is refused for what is no regular file', async () => {
    const { disk, at } = server();
    disk.makeDirectory('/d', { recursive: true });
    assert.is((await failureOf(copyWithinServer(at('/d'), at('/b')))).code, 'is_directory');
    assert.is((await failureOf(copyWithinServer(at('/none'), at('/b')))).code, 'not_found');
  });

  test('is unsupported where the file system cannot, even if something of that size is there', async () => {
    const { disk, system, at } = server();
    disk.put('/b', contentOf(5000, 2));
    Object.defineProperty(system, 'copyWithin', { value: undefined });
    const failure = await failureOf(copyWithinServer(at('/a'), at('/b')));
    assert.equal([failure.code, failure.partial], ['unsupported', undefined]);
  });

  test('fails when the source was written to meanwhile', async () => {
    for (const sizeBytes of [5000, 6000]) {
      const after = ({ operation }: Call) => {
        if (operation === 'copyWithin') one.disk.resize(one.disk.file('/a'), sizeBytes);
      };
      const one = server({ after });
      const failure = await failureOf(copyWithinServer(one.at('/a'), one.at('/b')));
      assert.is(failure.code, 'source_changed');
      assert.equal(failure.partial, { shown: 'one:/b', state: 'unknown', bytes: 5000, totalBytes: 5000 });
    }
  });

  test('fails when less was copied than there was', async () => {
    const after = ({ operation }: Call) => {
      if (operation === 'copyWithin') one.disk.resize(one.disk.file('/b'), 10);
    };
    const one = server({ after });
    assert.is((await failureOf(copyWithinServer(one.at('/a'), one.at('/b')))).code, 'source_changed');
  });

  test('needs no size to be told, and tells none that nobody knows', async () => {
    const { disk, at } = server({ hidesSize: true });
    const heard: unknown[] = [];
    const onStart = (...told: unknown[]) => void heard.push(...told);
    assert.equal(await copyWithinServer(at('/a'), at('/b'), { onStart }), { bytes: 0 });
    assert.ok(disk.content('/b')?.equals(content));
    assert.equal(heard, [undefined, 0]);
  });

  test('tells a change by the time where no size is told, and what may be there as nothing known', async () => {
    const after = ({ operation }: Call) => {
      if (operation === 'copyWithin') one.disk.resize(one.disk.file('/a'), 6000);
    };
    const one = server({ hidesSize: true, after });
    const failure = await failureOf(copyWithinServer(one.at('/a'), one.at('/b')));
    assert.equal(
      [failure.code, failure.message],
      ['source_changed', 'changed while it was copied: unknown bytes before, 0 copied'],
    );
    assert.equal(failure.partial, { shown: 'one:/b', state: 'unknown', bytes: 0, totalBytes: undefined });
  });

  test('leaves nothing to report when it was refused and nothing is there', async () => {
    const before = ({ operation }: Call) => {
      if (operation === 'copyWithin') throw new FileError('permission_denied', 'copy', '/b', 'permission denied');
    };
    const { at, disk } = server({ before });
    disk.put('/old', contentOf(30));
    for (const name of ['/b', '/old']) {
      const failure = await failureOf(copyWithinServer(at('/a'), at(name)));
      assert.equal([failure.code, failure.side, failure.partial], ['permission_denied', 'destination', undefined]);
    }
  });

  test('says what is there when the disk got full half-way', async () => {
    const after = ({ operation }: Call) => {
      if (operation !== 'copyWithin') return;
      one.disk.resize(one.disk.file('/b'), 1234);
      throw new FileError('no_space', 'copy', '/b', 'no space left on device');
    };
    const one = server({ after });
    const failure = await failureOf(copyWithinServer(one.at('/a'), one.at('/b')));
    assert.equal(failure.partial, { shown: 'one:/b', state: 'unknown', bytes: 1234, totalBytes: 5000 });
  });

  test('may be complete for all that is known when its answer is lost', async () => {
    let isCut = false;
    const cut = ({ operation }: Call) => {
      isCut ||= operation === 'copyWithin';
      if (isCut) throw new ConnectionClosedError('the line was cut');
    };
    const { at } = server({ after: cut });
    const failure = await failureOf(copyWithinServer(at('/a'), at('/b')));
    assert.equal(failure.partial, { shown: 'one:/b', state: 'unknown', bytes: 5000, totalBytes: 5000 });
  });

  test('ends at an abort, while the server may go on', async () => {
    const abort = new AbortController();
    const before = ({ operation }: Call) => {
      if (operation !== 'copyWithin') return undefined;
      abort.abort(new CancelledError());
      return new Promise<void>(() => {});
    };
    const { at } = server({ before });
    const failure = await failureOf(copyWithinServer(at('/a'), at('/b'), { signal: abort.signal }));
    assert.is(failure.code, 'cancelled');
    assert.equal(failure.partial, { shown: 'one:/b', state: 'unknown', bytes: 5000, totalBytes: 5000 });
  });
});

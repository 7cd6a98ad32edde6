// What stands around the bytes of a copied file: skipped destinations, backups, appearing in one step, attributes.

import * as assert from 'uvu/assert';
import { CodexfsError, FileError } from '../../src/errors.js';
import { type CopyOptions, copyFile } from '../../src/transfer/copyFile.js';
import type { Endpoint } from '../../src/transfer/Endpoint.js';
import { type PlaceRule, placeFile } from '../../src/transfer/placeFile.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour } from '../helpers/simulatedFileSystem.js';

const content = contentOf(3_000);
const old = contentOf(2_000, 2);

/** A source on a server and a destination, on this host unless told otherwise, that holds `present`. */
function scene(present: Buffer | undefined, toBehaviour: Behaviour = {}) {
  const from = serverOf(new SimulatedDisk(1n), 'one');
  const to = serverOf(new SimulatedDisk(2n), 'two', { isLocal: true, ...toBehaviour });
  from.disk.put('/a', content);
  if (present !== undefined) to.disk.put('/b', present).mode = 0o640;
  const written: string[] = [];
  const asked: string[] = [];
  const place = async (rule: PlaceRule, answer = true, target = '/b', options: CopyOptions = {}) => {
    const placed = await placeFile(from.at('/a'), to.at(target), rule, {
      options,
      copy: (a, b: Endpoint, more) => {
        written.push(b.path);
        return copyFile(a, b, { ...options, ...more });
      },
      ask: async ({ shown }: Endpoint) => {
        asked.push(shown);
        return answer;
      },
    });
    checkAtRest(from.system, to.system);
    return placed;
  };
  return { from, to, place, written, asked, at: (path: string) => to.disk.content(path) };
}

function refuse(isRefused: boolean): void {
  if (isRefused) throw new FileError('permission_denied', 'stat', '/b', 'permission denied');
}

const copied = { type: 'copied', bytes: content.length, unkept: [] };
const skipped = { type: 'skipped' };

describe('placing a file', (test) => {
  test('asks nothing of the destination that a plain copy does not', async () => {
    const { to, place } = scene(old);
    assert.equal(await place({}), copied);
    // For being one file with the source.
    assert.is(to.system.countOf('stat'), 2);
  });

  test('looks at the source alone where only its attributes are kept, and once', async () => {
    const { from, to, place } = scene(undefined, { isLocal: true });
    assert.equal(await place({ preserve: ['times'] }), copied);
    assert.is(from.system.countOf('stat'), 1);
    // As with a plain copy.
    assert.is(to.system.countOf('stat'), 2);
  });

  test('looks at both ends at a time, and no more at a destination that is free', async () => {
    const [from, to] = [serverOf(new SimulatedDisk(1n), 'one'), serverOf(new SimulatedDisk(2n), 'two')];
    from.disk.put('/a', content);
    const underWay = new Set<string>();
    let most = 0;
    for (const { system } of [from, to]) {
      const stat = system.stat.bind(system);
      system.stat = async (path) => {
        underWay.add(path);
        most = Math.max(most, underWay.size);
        return await new Promise((resolve) => setImmediate(resolve))
          .then(() => stat(path))
          .finally(() => underWay.delete(path));
      };
    }
    const steps = { options: {}, copy: (a: Endpoint, b: Endpoint, more: CopyOptions) => copyFile(a, b, more) };
    assert.equal(await placeFile(from.at('/a'), to.at('/b'), { overwrite: 'keep' }, steps), copied);
    assert.is(most, 2);
    // Once here, and once for its size at the end.
    assert.is(to.system.countOf('stat'), 2);
  });

  test('takes the word of who has looked at both ends', async () => {
    const { from, to } = scene(undefined);
    const source = await from.system.stat('/a');
    const steps = { options: {}, lookedAt: { source, existing: undefined }, copy: copyFile };
    assert.equal(await placeFile(from.at('/a'), to.at('/b'), { isUpdate: true, preserve: ['times'] }, steps), copied);
    assert.is(from.system.countOf('stat'), 1);
    assert.is(to.system.countOf('stat'), 1, 'for its size at the end');
    assert.is(to.disk.file('/b').modifiedAtMs, source.modifiedAtMs);
  });

  test('tells what is wrong with the source before what is wrong with the destination', async () => {
    const { from, to } = scene(old, { before: ({ operation }) => refuse(operation === 'stat') });
    from.disk.remove('/a');
    const steps = { options: {}, copy: copyFile };
    const failure = await failureOf(placeFile(from.at('/a'), to.at('/b'), { isUpdate: true }, steps));
    assert.equal([failure.side, failure.code], ['source', 'not_found']);
  });

  test('opens nothing for a destination that is kept', async () => {
    const { from, to, place, written, at } = scene(old);
    assert.equal(await place({ overwrite: 'keep' }), skipped);
    assert.ok(at('/b')?.equals(old));
    assert.is(from.system.countOf('openRead') + to.system.countOf('openWrite'), 0);
    assert.equal(written, []);
  });

  for (const answer of [true, false]) {
    test(`asks before it overwrites, and takes ${answer} for an answer`, async () => {
      const { place, asked, at } = scene(old);
      assert.equal(await place({ overwrite: 'ask' }, answer), answer ? copied : skipped);
      assert.equal(asked, ['two:/b']);
      assert.ok(at('/b')?.equals(answer ? content : old));
    });
  }

  test('keeps what is there when nobody can be asked', async () => {
    const { from, to, at } = scene(old);
    const steps = { options: {}, copy: copyFile };
    assert.equal(await placeFile(from.at('/a'), to.at('/b'), { overwrite: 'ask' }, steps), skipped);
    assert.ok(at('/b')?.equals(old));
  });

  test('does not ask about a destination that is missing', async () => {
    const { place, asked } = scene(undefined);
    assert.equal(await place({ overwrite: 'ask' }, false), copied);
    assert.equal(asked, []);
  });

  test('skips a destination of the same content, however new, and replaces one of the same size', async () => {
    const { to, place, at } = scene(content);
    assert.equal(await place({ isChecksum: true }), skipped);
    const changed = Buffer.from(content);
    changed[2_999] = (changed[2_999] ?? 0) ^ 1;
    to.disk.put('/b', changed);
    assert.equal(await place({ isChecksum: true }), copied);
    assert.ok(at('/b')?.equals(content));
  });

  test('replaces what may not be read, and fails where reading it fails', async () => {
    for (const [code, outcome] of [
      ['permission_denied', copied],
      ['io_error', 'io_error'],
    ] as const) {
      const before: Behaviour['before'] = ({ operation }) => {
        if (operation === 'openRead') throw new FileError(code, 'open', '/b', 'no');
      };
      const { place } = scene(contentOf(content.length, 3), { before });
      const placing = place({ isChecksum: true });
      assert.equal(code === 'io_error' ? (await failureOf(placing)).code : await placing, outcome);
    }
  });

  test('fails as the destination when what is there cannot be looked at', async () => {
    const denied = new FileError('permission_denied', 'stat', '/b', 'permission denied');
    const before: Behaviour['before'] = ({ operation }) => {
      if (operation === 'stat') throw denied;
    };
    const error = await failureOf(scene(old, { before }).place({ overwrite: 'keep' }));
    assert.equal([error.code, error.about], ['permission_denied', 'two:/b']);
  });
});

describe('a backup', (test) => {
  for (const isLocal of [true, false]) {
    test(`is made ${isLocal ? 'here' : 'by the server'} before the destination is opened, which stays the file it is`, async () => {
      const { to, place, at } = scene(old, { isLocal });
      const { inode } = to.disk.file('/b');
      to.disk.put('/b~', contentOf(10, 7));
      assert.equal(await place({ backupSuffix: '~' }), copied);
      assert.ok(at('/b~')?.equals(old));
      assert.ok(at('/b')?.equals(content));
      assert.is(to.disk.file('/b').inode, inode);
      assert.ok(to.system.log.indexOf('copyWithin /b~') < to.system.log.indexOf('openWrite /b'));
      if (isLocal) assert.is(to.disk.file('/b~').mode, 0o640);
    });
  }

  for (const kind of ['symbolic', 'hard'] as const) {
    test(`takes the place of an older one that is a ${kind} link to the destination`, async () => {
      const { to, place, at } = scene(old);
      if (kind === 'hard') to.disk.hardLink('/b', '/b.old');
      else to.disk.links.set('/b.old', '/b');
      await place({ backupSuffix: '.old' });
      assert.ok(at('/b.old')?.equals(old));
      assert.ok(at('/b')?.equals(content));
    });
  }

  test('is not made of nothing', async () => {
    const { place, at } = scene(undefined);
    await place({ backupSuffix: '~' });
    assert.is(at('/b~'), undefined);
  });

  test('that fails leaves the destination as it is', async () => {
    const full = new FileError('no_space', 'write', '/b~', 'no space left on device');
    const { place, at } = scene(old, {
      before: ({ operation }) => {
        if (operation === 'copyWithin') throw full;
      },
    });
    assert.is((await failureOf(place({ backupSuffix: '~' }))).code, 'no_space');
    assert.ok(at('/b')?.equals(old));
  });

  test('goes through this machine where the server cannot copy, and needs no attributes', async () => {
    const { to, place, at } = scene(old, {
      before: ({ operation }) => {
        if (operation === 'copyWithin') throw new FileError('unsupported', 'copy', '/b~', 'unknown method');
        if (operation === 'setAttributes') throw new FileError('permission_denied', 'set', '/b~', 'not permitted');
      },
    });
    assert.equal(await place({ backupSuffix: '~' }), copied);
    assert.ok(at('/b~')?.equals(old));
    assert.ok(at('/b')?.equals(content));
    assert.ok(to.system.log.includes('openRead /b'));
  });

  test('is not made of a file that would be copied to itself', async () => {
    const { at, disk } = serverOf(new SimulatedDisk(1n), 'one');
    disk.put('/a', content);
    const steps = { options: {}, copy: copyFile };
    const failure = await failureOf(placeFile(at('/a'), at('/a'), { backupSuffix: '~' }, steps));
    assert.equal([failure.code, [...disk.files.keys()]], ['same_file', ['/a']]);
    assert.ok(disk.content('/a')?.equals(content));
  });

  test('that would take the place of the source is refused', async () => {
    const disk = new SimulatedDisk(1n);
    const { at } = serverOf(disk, 'one');
    disk.put('/b~', content);
    disk.put('/b', old);
    const steps = { options: {}, copy: copyFile };
    const place = placeFile(at('/b~'), at('/b'), { backupSuffix: '~' }, steps);
    assert.is((await failureOf(place)).code, 'refused');
    assert.ok(disk.content('/b~')?.equals(content));
    assert.ok(disk.content('/b')?.equals(old));
  });

  test('does not take the place of a directory', async () => {
    const { to, place, at } = scene(old);
    to.disk.makeDirectory('/b~', { recursive: false });
    assert.is((await failureOf(place({ backupSuffix: '~' }))).code, 'is_directory');
    assert.equal(to.disk.directories, ['/b~']);
    assert.ok(at('/b')?.equals(old));
  });
});

describe('a destination that appears in one step', (test) => {
  test('is written under another name that nobody else may read, and keeps the mode of what it replaces', async () => {
    const { to, place, written, at } = scene(old);
    const { inode } = to.disk.file('/b');
    assert.equal(await place({ isAtomic: true }), copied);
    assert.ok(at('/b')?.equals(content));
    assert.match(written[0] ?? '', /^\/\.codexfs-[0-9a-f-]{36}$/);
    assert.equal([...to.disk.files.keys()], ['/b']);
    assert.is(to.disk.file('/b').mode, 0o640);
    assert.is.not(to.disk.file('/b').inode, inode);
    assert.is(to.system.countOf('rename'), 1);
  });

  test('replaces what a link leads to and not the link', async () => {
    const { to, place, at } = scene(old);
    to.disk.links.set('/link', '/b');
    await place({ isAtomic: true }, true, '/link');
    assert.ok(at('/b')?.equals(content));
    assert.is(to.disk.links.get('/link'), '/b');
  });

  for (const operation of ['write', 'closeWrite', 'setAttributes', 'rename'] as const) {
    test(`is what it was when ${operation} fails, and nothing is left beside it`, async () => {
      const { to, place, at } = scene(old, {
        before: (call) => {
          if (call.operation === operation) throw new FileError('no_space', operation, '/x', 'no space left on device');
        },
      });
      const error = await failureOf(place({ isAtomic: true }));
      assert.equal([error.code, error.about, error.partial], ['no_space', 'two:/b', undefined]);
      assert.ok(at('/b')?.equals(old));
      assert.equal([...to.disk.files.keys()], ['/b']);
    });
  }

  test('is named by what it was written as when that cannot be removed', async () => {
    const { place, written } = scene(old, {
      before: ({ operation }) => {
        if (operation === 'write' || operation === 'remove') throw new FileError('io_error', operation, '/x', 'broken');
      },
    });
    const error = await failureOf(place({ isAtomic: true }));
    assert.is(error.partial?.shown, written[0]);
  });

  test('is not given where nothing can be renamed', async () => {
    const { place, at } = scene(old, { isLocal: false });
    const error = await failureOf(place({ isAtomic: true }));
    assert.is(error.code, 'unsupported');
    assert.ok(at('/b')?.equals(old));
  });
});

describe('attributes', (test) => {
  test('of the source are given to the destination, and those it does not tell are counted', async () => {
    const { from, to, place } = scene(old);
    from.disk.file('/a').modifiedAtMs = 123_456;
    assert.equal(await place({ preserve: ['mode', 'times'] }), { ...copied, unkept: ['mode'] });
    assert.is(to.disk.file('/b').modifiedAtMs, 123_456);
    assert.is(to.disk.file('/b').mode, 0o640);
  });

  test('that are not known are not made up: a server that knows no time says 0', async () => {
    const { from, to, place } = scene(old);
    from.disk.file('/a').modifiedAtMs = 0;
    assert.equal(await place({ preserve: ['times'] }), { ...copied, unkept: ['times'] });
    assert.is(to.system.countOf('setAttributes'), 0);
  });

  test('are all counted where none can be set, and where setting them fails', async () => {
    const denied: Behaviour['before'] = ({ operation }) => {
      if (operation === 'setAttributes') throw new CodexfsError('permission_denied', 'permission denied');
    };
    for (const behaviour of [{ isLocal: false }, { before: denied }]) {
      const { from, place } = scene(undefined, behaviour);
      from.disk.file('/a').mode = 0o755;
      assert.equal(await place({ preserve: ['mode', 'times'] }), { ...copied, unkept: ['mode', 'times'] });
    }
  });
});

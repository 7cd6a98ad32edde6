// Programs on the real exec-server: file contents through its shell, hashes, modes and times.

import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { posix } from 'node:path';
import * as assert from 'uvu/assert';
import { ProcessDialect } from '../../src/dialects/process.js';
import { ServerPrograms } from '../../src/dialects/ServerPrograms.js';
import { CodexfsError, hasCode } from '../../src/errors.js';
import { HostTools } from '../../src/fs/HostTools.js';
import { fromWirePath, toFileUri } from '../../src/fs/remotePath.js';
import { recycleChunk } from '../../src/protocol/chunkPool.js';
import { contentOf, sha256 } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { sessionWith } from '../helpers/sessionWith.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const strangeName = ' 100%41 #1? é✓ \n&$(touch x);\'"\\*-.bin';

async function setUp() {
  const server = await startCodexExecServer({ listen: 'ws' });
  const here = await temporaryDirectory();
  const session = await sessionWith(server.remote);
  const programs = new ServerPrograms(session.connection, session.info);
  const dialect = new ProcessDialect(session.connection, programs, (path) => fromWirePath(path, posix));
  return {
    here,
    programs,
    tools: new HostTools(programs),
    read: (path: string) => dialect.openRead(toFileUri(path, posix), {}),
    write: (path: string) => dialect.openWrite(toFileUri(path, posix), {}),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await here[Symbol.asyncDispose]();
    },
  };
}

describe('a file through a shell of the real exec-server', (test) => {
  test(
    'is written in place, in the order of the writes, whatever its name is',
    async () => {
      await using place = await setUp();
      for (const size of [0, 1, MiB, 3 * MiB + 17]) {
        const path = place.here.join(strangeName);
        const content = contentOf(size, size);
        await writeFile(path, contentOf(4 * MiB));
        await chmod(path, 0o640);
        const before = await stat(path);
        await using handle = await place.write(path);
        assert.is((await stat(path)).size, 0);
        const writes: Promise<void>[] = [];
        for (let at = 0; at < size; at += 300_000) writes.push(handle.write(content.subarray(at, at + 300_000)));
        await Promise.all(writes);
        assert.ok((await readFile(path)).equals(content), 'what is acknowledged is in the file');
        await handle.close();
        const after = await stat(path);
        assert.equal([after.ino, after.mode, after.size], [before.ino, before.mode, size]);
      }
    },
    { timeoutMs: 30_000 },
  );

  test('is read at any place, also by many reads at a time', async () => {
    await using place = await setUp();
    const path = place.here.join(strangeName);
    const content = contentOf(3 * MiB + 17);
    await writeFile(path, content);
    await using handle = await place.read(path);
    const { sizeBytes } = await handle.stat();
    assert.is(sizeBytes, content.length);
    const stretches = [
      [0, 1],
      [65_535, 3],
      [MiB - 5, MiB],
      [3 * MiB, 17],
      [3 * MiB, 18],
      [content.length, 100],
    ] as const;
    const results = await Promise.all(stretches.map(([offset, length]) => handle.read(offset, length)));
    stretches.forEach(([offset, length], index) => {
      const { bytes, eof } = results[index] ?? { bytes: Buffer.alloc(0), eof: false };
      assert.ok(bytes.equals(content.subarray(offset, offset + length)), `${length} bytes from ${offset}`);
      assert.is(eof, offset + length >= content.length);
      recycleChunk(bytes);
    });
    await truncate(path, 10);
    const { bytes, eof } = await handle.read(MiB, 100);
    assert.equal([bytes.length, eof], [0, true], 'a file that has become shorter');
  });

  for (const size of [0, 1]) {
    test(`is read where it has ${size} bytes`, async () => {
      await using place = await setUp();
      const path = place.here.join('a');
      await writeFile(path, contentOf(size));
      await using handle = await place.read(path);
      assert.equal(await handle.read(0, MiB), { bytes: contentOf(size), eof: true });
    });
  }

  test('is not touched where it is no regular file, and a failure has the code that file methods give it', async () => {
    await using place = await setUp();
    const { here } = place;
    await mkdir(here.join('directory'));
    execFileSync('mkfifo', [here.join('fifo')]);
    await writeFile(here.join('Permission denied'), '');
    for (const [path, ...codes] of [
      [here.join('directory'), 'is_directory'],
      [here.join('fifo'), 'not_regular_file'],
      [here.join('missing/a'), 'not_found'],
      // Not every shell has a word of its own for it.
      [here.join('Permission denied/a'), 'not_directory', 'not_found'],
    ] as const) {
      const error = await rejection(place.write(path));
      assert.ok(hasCode(error, ...codes), `${path}: ${error.message}`);
    }
    assert.ok(hasCode(await rejection(place.read(here.join('missing'))), 'not_found'));
    assert.ok(hasCode(await rejection(place.read(here.join('fifo'))), 'not_regular_file'));
  });

  test('is not taken for shorter where it cannot be read any more', async () => {
    await using place = await setUp();
    const path = place.here.join('a');
    for (const [instead, code] of [
      [async () => {}, 'not_found'],
      [() => mkdir(path), 'is_directory'],
    ] as const) {
      await writeFile(path, contentOf(1000));
      await using handle = await place.read(path);
      await rm(path);
      await instead();
      assert.is((await rejection(handle.read(0, KiB), CodexfsError)).code, code);
    }
  });

  test('leaves no program behind when it is given up', async () => {
    await using place = await setUp();
    const path = place.here.join('a');
    const handle = await place.write(path);
    await handle.write(contentOf(1000));
    // Not asked through the server, which loses a program's output once in a thousand times.
    const count = () => {
      const lines = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' }).split('\n');
      return lines.filter((args) => args.endsWith(path)).length;
    };
    assert.is(count(), 1);
    await handle[Symbol.asyncDispose]();
    assert.is((await stat(path)).size, 1000);
    await eventually(async () => count() === 0);
  });
});

describe('the tools of a host behind the real exec-server', (test) => {
  test(
    'hash many files at a time, and leave out what is none',
    async () => {
      await using place = await setUp();
      const paths = Array.from({ length: 300 }, (_, index) => place.here.join(`${index}${strangeName}`));
      await Promise.all(paths.map((path, index) => writeFile(path, contentOf(index, index))));
      const missing = [place.here.join('missing'), place.here.path];
      const hashes = await place.tools.hashFiles([...paths, ...missing], {});
      assert.is(hashes.size, paths.length);
      for (const path of [paths[0], paths[299]]) assert.is(hashes.get(path ?? ''), await sha256(path ?? ''));
    },
    { timeoutMs: 30_000 },
  );

  test('tell modes, and set modes and times', async () => {
    await using place = await setUp();
    const [a, b] = [place.here.join(strangeName), place.here.join('b')];
    await Promise.all([writeFile(a, ''), writeFile(b, '')]);
    await Promise.all([chmod(a, 0o751), utimes(b, 1, 1)]);
    assert.equal(await place.tools.readModes([a, place.here.join('missing')], {}), new Map([[a, 0o751]]));
    const modifiedAtMs = Date.UTC(2031, 1, 3, 4, 5, 6, 789);
    const outcomes = await place.tools.setAttributes(
      [
        { path: a, attributes: { mode: 0o600, modifiedAtMs: modifiedAtMs + 0.5 } },
        { path: b, attributes: { mode: 0o640 } },
        { path: place.here.join('missing'), attributes: { mode: 0o600 } },
        { path: b, attributes: { modifiedAtMs: -5 } },
      ],
      {},
    );
    assert.equal(outcomes, [[], [], ['mode'], ['modifiedAtMs']]);
    const [ofA, ofB] = [await stat(a), await stat(b)];
    assert.equal([ofA.mode & 0o7777, ofA.mtimeMs, ofB.mode & 0o7777, ofB.mtimeMs], [0o600, modifiedAtMs, 0o640, 1000]);
  });
});

describe('sizes told by a program of the real exec-server', (test) => {
  test('are those of the files in each directory, whatever their names, and of nothing else', async () => {
    await using place = await setUp();
    const root = place.here.join(strangeName);
    await mkdir(posix.join(root, 'inner'), { recursive: true });
    await writeFile(posix.join(root, strangeName), 'abc');
    await writeFile(posix.join(root, 'empty'), '');
    await writeFile(posix.join(root, 'inner', 'x'), contentOf(70_000));
    await symlink('empty', posix.join(root, 'link'));
    await symlink(root, place.here.join('way'));
    await utimes(posix.join(root, 'empty'), 1, 1_234_567_890.25);
    const way = place.here.join('way');
    const asked = [root, posix.join(root, 'inner'), way, place.here.join('missing')];
    const told = await place.tools.readSizes(asked, {});
    const sizes = Object.fromEntries([...told].map(([path, { sizeBytes }]) => [path, sizeBytes]));
    assert.equal(sizes, {
      [posix.join(root, strangeName)]: 3,
      [posix.join(root, 'empty')]: 0,
      [posix.join(root, 'inner', 'x')]: 70_000,
      [posix.join(way, strangeName)]: 3,
      [posix.join(way, 'empty')]: 0,
    });
    assert.is(told.get(posix.join(root, 'empty'))?.modifiedAtMs, 1_234_567_890_250);
    assert.is((await place.tools.readSizes(['/'], {})).get('/no such file'), undefined);
  });
});

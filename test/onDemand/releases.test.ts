// Copies to and from exec-servers as they were released, each with the methods of its time. docs/PROTOCOL.md has the table.

import * as assert from 'node:assert/strict';
import { chmod, link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { copyFile } from '../../src/transfer/copyFile.js';
import { codexRelease } from '../helpers/codexReleases.js';
import { connectTo, localEnd, remoteEnd } from '../helpers/connectTo.js';
import { contentOf, sha256 } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const KiB = 1024;
const MiB = 1024 * KiB;

interface Release {
  readonly version: string;
  /** The dialects that it turns out to have. */
  readonly read: 'blocks' | 'buffered';
  readonly write: 'blocks' | 'buffered';
  /** Whether its programs can be fed, so that no file is too large. */
  readonly canFeed: boolean;
}

const releases: readonly Release[] = [
  { version: '0.120.0', read: 'buffered', write: 'buffered', canFeed: false },
  { version: '0.133.0', read: 'buffered', write: 'buffered', canFeed: true },
  { version: '0.142.0', read: 'blocks', write: 'buffered', canFeed: true },
  { version: '0.148.0', read: 'blocks', write: 'buffered', canFeed: true },
  { version: '0.157.0', read: 'blocks', write: 'buffered', canFeed: true },
];

const wholeFileSizes = [0, 1, 256 * KiB, 256 * KiB + 1, MiB, MiB + 1, 5 * MiB];
const largeSizes = [5 * MiB + 1, 8 * MiB + 1, 200 * MiB];

async function setUp({ version }: Release) {
  const server = await startCodexExecServer({ listen: 'ws', program: await codexRelease(version) });
  const [near, far] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
  return {
    server,
    near,
    far,
    run: (args: readonly string[], env: Record<string, string> = {}) =>
      runCodexfs(['--remote', `box=${server.remote}`, ...args], { env: { ...server.env, ...env } }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()]);
    },
  };
}

for (const release of releases) {
  const { version, read, write, canFeed } = release;
  const withPlace = (work: (place: Awaited<ReturnType<typeof setUp>>) => Promise<void>) => async () => {
    await using place = await setUp(release);
    await work(place);
  };

  describe(`codexfs with codex exec-server ${version}`, (test) => {
    test(
      'copies files of every size up and down',
      withPlace(async ({ server, near, far }) => {
        await using remote = await connectTo(server);
        for (const size of [...wholeFileSizes, ...(canFeed ? largeSizes : [])]) {
          await writeFile(near.join('a'), contentOf(size));
          const expected = await sha256(near.join('a'));
          const up = await copyFile(localEnd(near.join('a')), remoteEnd(remote, far.join('b')));
          const there = await sha256(far.join('b'));
          const down = await copyFile(remoteEnd(remote, far.join('b')), localEnd(near.join('c')));
          const here = await sha256(near.join('c'));
          assert.deepEqual([up.bytes, there, down.bytes, here], [size, expected, size, expected], `${size} bytes`);
        }
        assert.deepEqual(remote.dialects, { read, write });
      }),
      { timeoutMs: 120_000 },
    );

    test(
      'writes in place, with or without programs, and never opens to replace where that would open to read',
      withPlace(async ({ near, far, run }) => {
        for (const size of canFeed ? [MiB, 6 * MiB] : [MiB]) {
          const [source, destination] = [near.join(`${size}`), far.join(`${size}`)];
          await writeFile(source, contentOf(size, 2));
          await writeFile(destination, contentOf(7 * MiB));
          await chmod(destination, 0o751);
          await link(destination, far.join(`${size}.link`));
          const { exitCode, stderr } = await run(['cp', source, `box:${destination}`], { CODEXFS_DEBUG: 'rpc' });
          assert.equal(exitCode, 0, stderr);
          assert.equal(stderr.includes('"mode":"replace"'), write === 'blocks' && size > MiB);
          assert.deepEqual(await readFile(far.join(`${size}.link`)), contentOf(size, 2));
          assert.equal((await stat(destination)).mode & 0o7777, 0o751);
        }
      }),
      { timeoutMs: 60_000 },
    );

    test(
      'refuses what it may carry in no way before the destination is touched',
      withPlace(async ({ near, far, run }) => {
        await writeFile(near.join('a'), contentOf(6 * MiB));
        await writeFile(far.join('b'), 'as it was');
        const { exitCode, stderr } = await run(['--no-exec', 'cp', near.join('a'), `box:${far.join('b')}`]);
        assert.equal(exitCode, write === 'blocks' ? 0 : 8, stderr);
        if (write === 'blocks') return;
        assert.equal(await readFile(far.join('b'), 'utf8'), 'as it was');
        assert.match(stderr, /can only write whole files of up to 5 MiB/);
      }),
    );

    test(
      'copies a tree up and down',
      withPlace(async ({ near, far, run }) => {
        const contents = new Map([0, 1, 1000, 70_000].map((size) => [`tree/d/${size} é`, contentOf(size, 3)]));
        await mkdir(near.join('tree/d'), { recursive: true });
        for (const [name, content] of contents) await writeFile(near.join(name), content);
        const up = await run(['cp', '-r', near.join('tree'), `box:${far.path}`]);
        const down = await run(['cp', '-r', `box:${far.join('tree')}`, near.join('back')]);
        assert.deepEqual([up.exitCode, down.exitCode], [0, 0], up.stderr + down.stderr);
        for (const [name, content] of contents) {
          assert.deepEqual(await readFile(near.join(name.replace('tree', 'back'))), content);
        }
      }),
      { timeoutMs: 60_000 },
    );
  });
}

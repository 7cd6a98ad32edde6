// codexfs sync up, down and across, with the real exec-server and with codexfs's own.

import { appendFile, chmod, mkdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { type FarAndNear, farAndNear } from '../helpers/farAndNear.js';
import { recordsIn } from '../helpers/recordsIn.js';
import { startCodexExecServer, startCodexfsServe } from '../helpers/servers.js';
import { makeTree, snapshotOf } from '../helpers/treeOf.js';

const tree = { 's/a': 'A', 's/b': 'B', 's/sub/c': 'C', 's/sub/deep/d': 'D', 's/empty/': '' };
const copied = { a: 'A', b: 'B', 'empty/': '', 'sub/': '', 'sub/c': 'C', 'sub/deep/': '', 'sub/deep/d': 'D' };

const ways = {
  down: ['box:FAR/s', 'NEAR/d'],
  up: ['FAR/s', 'box:NEAR/d'],
  'on one server': ['box:FAR/s', 'box:NEAR/d'],
  across: ['box:FAR/s', 'local:NEAR/d'],
} as const;

const servers = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve': () => startCodexfsServe({ listen: 'ws' }),
};

const slow = { timeoutMs: 60_000 };

async function destination({ near }: FarAndNear): Promise<Record<string, string>> {
  const below = Object.entries(await near()).filter(([path]) => path.startsWith('d/') && path !== 'd/');
  return Object.fromEntries(below.map(([path, content]) => [path.slice(2), content]));
}

/** How many files a run says that it copied. */
function copiedCount(stderr: string): number {
  return Number(/^(?:copied|would copy) (\d+) files?/m.exec(stderr)?.[1]);
}

for (const [name, start] of Object.entries(servers)) {
  describe(`codexfs sync, ${name}`, (test) => {
    for (const [way, ends] of Object.entries(ways)) {
      test(
        `${way} copies contents to contents, then nothing, then what differs`,
        async () => {
          await using setting = await farAndNear(tree, {}, start);
          const { run, place } = setting;
          const sync = async (...options: readonly string[]) => {
            const { status, stdout, stderr } = await run('sync', '-v', ...options, ...ends);
            assert.equal([status, stdout], [0, ''], stderr);
            return copiedCount(stderr);
          };
          assert.is(await sync(), 4);
          assert.equal(await destination(setting), copied);
          const before = await snapshotOf(place.join('near'));
          assert.is(await sync(), 0);
          assert.is(await sync('-c'), 0);
          assert.equal((await snapshotOf(place.join('near')))['d/a'], before['d/a']);
          await appendFile(place.join('far/s/b'), ' and more');
          await rm(place.join('near/d/sub/c'));
          assert.is(await sync(), 2);
          assert.equal(await destination(setting), { ...copied, b: 'B and more' });
          assert.is(await sync(), 0);
        },
        slow,
      );
    }

    test(
      '--delete removes what the source has not, links and not what they lead to',
      async () => {
        await using setting = await farAndNear(tree, {}, start);
        const { run, place } = setting;
        for (const ends of [ways.down, ways.up]) {
          await makeTree(place.join('near/d'), { extra: 'x', 'sub/extra/y': 'y', 'sub/extra/z/': '', 'keep.log': 'k' });
          await makeTree(place.join('near/safe'), { file: 'safe' });
          await symlink('../safe', place.join('near/d/link'));
          const { status, stderr } = await run('sync', '--delete', '--exclude', '*.log', ...ends);
          assert.is(status, 0, stderr);
          assert.equal(await destination(setting), { ...copied, 'keep.log': 'k' });
          assert.is((await setting.near())['safe/file'], 'safe');
        }
      },
      slow,
    );
  });
}

describe('codexfs sync', (test) => {
  test('gives local files the time of their source, and copies again what has another', async () => {
    await using setting = await farAndNear(tree);
    const { run, place } = setting;
    await utimes(place.join('far/s/a'), 1_600_000_000, 1_600_000_000.5);
    assert.is((await run('sync', ...ways.down)).status, 0);
    assert.is(Math.round((await stat(place.join('near/d/a'))).mtimeMs), 1_600_000_000_500);
    // The same length, and an older time: only the time tells.
    await writeFile(place.join('far/s/a'), 'Z');
    await utimes(place.join('far/s/a'), 1_500_000_000, 1_500_000_000);
    assert.is(copiedCount((await run('sync', '-v', ...ways.down)).stderr), 1);
    assert.is((await destination(setting)).a, 'Z');
  });

  test('-c finds what has the size and the time of its source and another content', async () => {
    await using setting = await farAndNear(tree);
    const { run, place } = setting;
    for (const ends of [ways.down, ways.up]) {
      assert.is((await run('sync', ...ends)).status, 0);
      const { atime, mtime } = await stat(place.join('near/d/a'));
      await writeFile(place.join('near/d/a'), 'Z');
      await utimes(place.join('near/d/a'), atime, mtime);
      assert.is(copiedCount((await run('sync', '-v', '-c', ...ends)).stderr), 1);
      assert.is((await destination(setting)).a, 'A');
    }
  });

  test('says once that a server keeps no times, and by what it goes then', async () => {
    await using setting = await farAndNear(tree);
    const { stderr } = await setting.run('sync', ...ways.up);
    assert.is(stderr.match(/keeps no times/g)?.length, 1, stderr);
    assert.not.match((await setting.run('sync', ...ways.up)).stderr, 'keeps no times');
  });

  test('--dry-run tells what would be copied and deleted, and touches nothing', async () => {
    await using setting = await farAndNear(tree, { 'd/a': 'old', 'd/extra/x': 'x', 'd/sub/': '' });
    const { run, place, told } = setting;
    for (const [from, to] of [ways.down, ways.up]) {
      const before = [await snapshotOf(place.join('near')), await snapshotOf(place.join('far'))];
      const { status, stdout, stderr } = await run('sync', '--delete', '--dry-run', from, to);
      assert.equal([await snapshotOf(place.join('near')), await snapshotOf(place.join('far'))], before);
      assert.is(status, 0);
      assert.equal(told(stdout).trimEnd().split('\n').sort(), [
        `copy ${from}/b -> ${to}/b (1 B)`,
        `copy ${from}/sub/c -> ${to}/sub/c (1 B)`,
        `copy ${from}/sub/deep/d -> ${to}/sub/deep/d (1 B)`,
        `delete ${to}/extra`,
        `delete ${to}/extra/x`,
        `make directory ${to}/empty`,
        `make directory ${to}/sub/deep`,
        `replace ${from}/a -> ${to}/a (1 B)`,
      ]);
      assert.is(stderr, 'would copy 4 files, 4 B, 2 to delete\n');
    }
  });

  test('--json tells what is copied, up to date and deleted, and with --dry-run what would be', async () => {
    await using setting = await farAndNear(tree, { 'd/extra': 'x' });
    const words = ['sync', '--json', '--delete', ...ways.down];
    const counted = async (...more: readonly string[]) => {
      const { status, stdout } = await setting.run(...words, ...more);
      assert.is(status, 0);
      const counts: Record<string, number> = {};
      for (const { type, action, reason } of await recordsIn(stdout)) {
        const key = [type, action ?? reason].filter((word) => word !== undefined).join(' ');
        counts[key] = (counts[key] ?? 0) + 1;
      }
      return counts;
    };
    const planned = { 'planned copy': 4, 'planned delete': 1, 'planned makeDirectory': 3, summary: 1 };
    assert.equal(await counted('--dry-run'), planned);
    assert.equal(await counted(), { copied: 4, deleted: 1, directory: 3, summary: 1 });
    assert.equal(await counted(), { directory: 3, 'skipped current': 4, summary: 1 });
  });

  test('--dry-run of a destination that is missing foresees all of it', async () => {
    await using setting = await farAndNear(tree);
    const { status, stderr } = await setting.run('sync', '--delete', '--dry-run', ...ways.down);
    assert.equal([status, stderr], [0, 'would copy 4 files, 4 B\n']);
    assert.equal(await setting.near(), {});
  });

  test(
    '--delete deletes nothing after a failure',
    async () => {
      await using setting = await farAndNear(tree, { 'd/extra': 'x', 'd/a/': '' });
      for (const ends of [ways.down, ways.up]) {
        const { status, stderr } = await setting.run('sync', '--delete', ...ends);
        assert.is(status, 1);
        assert.match(stderr, 'nothing was deleted');
        assert.is((await destination(setting)).extra, 'x');
      }
    },
    slow,
  );

  test(
    '--delete deletes nothing when a directory of the source could not be read',
    async () => {
      await using setting = await farAndNear(tree, { 'd/extra': 'x', 'd/sub/deep/d': 'D' });
      await symlink('loop', setting.place.join('far/s/loop'));
      const { status, stderr } = await setting.run('sync', '--delete', ...ways.up);
      assert.is(status, 1, stderr);
      assert.is((await destination(setting)).extra, 'x');
    },
    slow,
  );

  test(
    '--delete deletes nothing below a source directory without permission',
    async () => {
      await using setting = await farAndNear(tree, { 'd/sub/c': 'C' });
      await chmod(setting.place.join('far/s/sub'), 0);
      const { status } = await setting.run('sync', '--delete', ...ways.up);
      await chmod(setting.place.join('far/s/sub'), 0o755);
      assert.equal([status, (await destination(setting))['sub/c']], [1, 'C']);
    },
    { skip: process.getuid?.() === 0 ? 'root reads everything' : undefined },
  );

  test('--delete keeps a directory that holds what is excluded, and says so', async () => {
    await using setting = await farAndNear(tree, { 'd/old/keep.log': 'k', 'd/old/x': 'x' });
    const { status, stderr } = await setting.run('sync', '--delete', '--exclude', '*.log', ...ways.down);
    assert.is(status, 0);
    assert.match(stderr, '1 directory not deleted');
    assert.equal(await destination(setting), { ...copied, 'old/': '', 'old/keep.log': 'k' });
  });

  test('is refused for one directory, for one in the other, and for what is none', async () => {
    await using setting = await farAndNear(tree, { 'd/file': 'x' });
    const { run, place } = setting;
    await mkdir(place.join('far/s/sub/into'));
    const refused: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['box:FAR/s', 'FAR/s'], 4, /same directory/],
      [['box:FAR/s', 'FAR/s/sub/into'], 4, /into itself/],
      [['--delete', 'box:FAR/s/sub', 'FAR/s'], 4, /which --delete would remove/],
      [['box:FAR/s/a', 'NEAR/x'], 4, /is not a directory/],
      [['box:FAR/none', 'NEAR/x'], 3, /no such file/],
      [['box:FAR/s', 'NEAR/d/file'], 4, /is not a directory/],
      [['box:FAR/s', 'NEAR/none/x'], 9, /no such directory/],
      [['FAR/s', 'NEAR/x'], 2, /both on this machine/],
      [['box:FAR/s'], 2, /takes two directories/],
      [['box:FAR/s', '-'], 2, /is a stream/],
      [['-n', 'box:FAR/s', 'NEAR/x'], 2, /-n/],
    ];
    for (const [words, status, message] of refused) {
      const result = await run('sync', ...words);
      assert.is(result.status, status, `${words.join(' ')}: ${result.stderr}`);
      assert.match(result.stderr, message);
    }
    assert.is((await setting.far())['s/sub/c'], 'C');
  });
});

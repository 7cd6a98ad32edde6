// codexfs diff as users run it, beside diff(1) and patch(1), on both kinds of servers and on local paths.

import { symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type Box, type boxKinds, openBox } from '../helpers/openBox.js';
import { recordsIn } from '../helpers/recordsIn.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { treeOf } from '../helpers/treeOf.js';
import { asNobody, unavailable } from '../helpers/unavailable.js';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

/** Two trees that are the same but for one thing of each kind. */
async function openPair(kind: (typeof boxKinds)[number]): Promise<Box> {
  const box = await openBox(kind, {
    ...{ 'a/same': 'S', 'b/same': 'S', 'a/sub/same': '', 'b/sub/same': '', 'a/sub/deep/x': 'x', 'b/sub/deep/x': 'y' },
    ...{ 'a/here only': '', 'b/sub/there': '', 'a/kind/': '', 'b/kind': 'file', 'a/bin': 'a\0b', 'b/bin': 'a\0c' },
    ...{ 'a/text': lines(20), 'b/text': lines(19).replace('line 7\n', 'seven\n') },
  });
  const large = contentOf(1_500_000, 1);
  await writeFile(box.there.join('a', 'large'), large);
  await writeFile(box.there.join('a', 'longer'), large);
  await writeFile(box.there.join('b', 'longer'), large.subarray(1));
  large[1_234_567] = 255 - (large[1_234_567] ?? 0);
  await writeFile(box.there.join('b', 'large'), large);
  await symlink('same', box.there.join('b', 'sub', 'link'));
  await symlink('same', box.there.join('a', 'sub', 'link'));
  return box;
}

const brief = (a: string, b: string) => [
  `Files ${a}/bin and ${b}/bin differ`,
  `Only in ${a}: here only`,
  `File ${a}/kind is a directory while file ${b}/kind is a regular file`,
  `Files ${a}/large and ${b}/large differ`,
  `Files ${a}/longer and ${b}/longer differ`,
  `Files ${a}/sub/deep/x and ${b}/sub/deep/x differ`,
  `Only in ${b}/sub: there`,
  `Files ${a}/text and ${b}/text differ`,
  '',
];

for (const place of ['codex exec-server', 'codexfs serve', 'local paths'] as const) {
  const kind = place === 'local paths' ? 'codexfs serve' : place;
  const far = place === 'local paths' ? 'THERE/b' : 'box:THERE/b';

  describe(`codexfs diff with ${place}`, (test) => {
    test('-r tells what diff -r tells', async () => {
      await using box = await openPair(kind);
      const { status, out, err } = await box.run('diff', '-rq', 'THERE/a', far);
      assert.equal([status, out.split('\n'), err], [1, brief('THERE/a', far), '']);
      const gnu = await runCodexfs([], { wrapper: ['bash', '-c', 'cd "$0"; LC_ALL=C diff -rq a b', box.there.path] });
      const shown = (text: string) => text.replaceAll('THERE/a', 'a').replaceAll(far, 'b');
      assert.is(gnu.stdout.toString(), shown(out));
    });

    test('tells in what files differ', async () => {
      await using box = await openPair(kind);
      const { status, out } = await box.run('diff', 'THERE/a', far);
      const told = out.split('\n').filter((line) => /^(Files|Common)/.test(line));
      assert.equal(
        [status, told],
        [
          1,
          [
            `Files THERE/a/bin and ${far}/bin differ: from byte 3 on`,
            `Files THERE/a/large and ${far}/large differ: from byte 1234568 on`,
            `Files THERE/a/longer and ${far}/longer differ: 1500000 bytes and 1499999 bytes`,
            `Common subdirectories: THERE/a/sub and ${far}/sub`,
          ],
        ],
      );
    });

    test('writes what patch takes, and what diff -u writes but for the times', async () => {
      await using box = await openPair(kind);
      const { out } = await box.run('diff', 'a/text', far);
      const gnu = await runCodexfs([], { wrapper: ['bash', '-c', 'cd "$0"; diff -u a/text b/text', box.there.path] });
      const body = (text: string) => text.split('\n').slice(2);
      assert.equal(body(out), body(gnu.stdout.toString()));
      const script = 'cd "$0" && patch -s a/text && cmp a/text b/text';
      const patched = await runCodexfs([], { stdin: out, wrapper: ['bash', '-c', script, box.there.path] });
      assert.is(patched.exitCode, 0, patched.stderr);
    });

    test('ends with 0 for the same, and with 2 for trouble', async () => {
      await using box = await openPair(kind);
      const same = await box.run('diff', '-r', 'THERE/a/sub/deep', `${far.slice(0, -1)}a/sub/deep`);
      assert.equal(same, { status: 0, out: '', err: '' });
      assert.equal(await box.run('diff', 'THERE/a/same', far), { status: 0, out: '', err: '' });
      const missing = await box.run('diff', 'THERE/a/same', `${far}/none`);
      const err = `codexfs: diff: ${far}/none: no such file or directory\n`;
      assert.equal(missing, { status: 2, out: '', err });
      assert.equal((await box.run('diff', 'THERE/a/here only', far)).status, 2);
    });

    test('--json tells the same in records', async () => {
      await using box = await openPair(kind);
      const records = await recordsIn((await box.run('diff', '-r', '--json', 'THERE/a', far)).out);
      const told = records.slice(0, -1).map(({ what, first, second }) => [what, first, second]);
      assert.equal(told.slice(0, 3), [
        ['content', 'THERE/a/bin', `${far}/bin`],
        ['only', 'THERE/a/here only', null],
        ['kind', 'THERE/a/kind', `${far}/kind`],
      ]);
      assert.equal([told.length, records.at(-1)?.exitStatus], [8, 1]);
    });
  });
}

describe('codexfs diff', (test) => {
  const texts: readonly (readonly [string, string, string])[] = [
    ['a last line without an end', 'a\nb', 'a\nb\n'],
    ['a text that was empty', '', 'a\nb\n'],
    ['a text that is empty', 'a\n', ''],
    ['changes far apart', lines(40), lines(40).replace('line 2\n', '').replace('line 39\n', 'x\ny\n')],
    ['a line added at the beginning', lines(5), `x\n${lines(5)}`],
  ];
  for (const [title, a, b] of texts) {
    test(`tells ${title} as diff -u does`, async () => {
      await using box = await openBox('codexfs serve', { a, b });
      const { out } = await box.run('diff', 'a', 'box:THERE/b');
      const gnu = await runCodexfs([], { wrapper: ['bash', '-c', 'cd "$0"; diff -u a b', box.there.path] });
      const body = (text: string) => text.split('\n').slice(2);
      assert.equal(body(out), body(gnu.stdout.toString()));
    });
  }

  test('gives up telling lines apart where nearly all of them differ', async () => {
    await using box = await openBox('codexfs serve', { a: lines(6_000), b: lines(6_000).replaceAll('line', 'other') });
    const { status, out } = await box.run('diff', 'a', 'box:THERE/b');
    assert.equal([status, out], [1, 'Files a and box:THERE/b differ: in nearly every line\n']);
  });

  test('is wrong use with one location or three', async () => {
    await using box = await openBox('codexfs serve', { a: '' });
    for (const words of [['a'], ['a', 'a', 'a'], []]) assert.is((await box.run('diff', ...words)).status, 2);
  });

  test(
    'tells what it cannot read, compares the rest, and ends with 2',
    async () => {
      await using box = await openBox('codexfs serve', { 'a/closed': 'C', 'a/x': 'X', 'b/closed': 'C', 'b/x': 'x' });
      await using mine = await startCodexfsServe({ listen: 'ws', wrapper: asNobody });
      const script = 'chmod 755 "$0"; chmod 600 "$0/b/closed"';
      await runCodexfs([], { wrapper: ['bash', '-c', script, box.there.path] });
      const before = await treeOf(box.there.path);
      const result = await box.run('--remote', `mine=${mine.remote}`, 'diff', '-rq', 'a', 'mine:THERE/b');
      assert.equal(result, {
        status: 2,
        out: 'Files a/x and mine:THERE/b/x differ\n',
        err: 'codexfs: diff: mine:THERE/b/closed: permission denied\n',
      });
      assert.equal(await treeOf(box.there.path), before);
    },
    { skip: unavailable(asNobody[0] ?? '', ...asNobody.slice(1), 'true') },
  );
});

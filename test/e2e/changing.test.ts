// codexfs mkdir and rm as users run them, on both kinds of servers and on local paths; most titles are command lines.

import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { type Box, boxKinds, openBox } from '../helpers/openBox.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';
import { asNobody, unavailable } from '../helpers/unavailable.js';

const tree = { file: 'F', 'd/a': 'A', 'd/sub/b': 'B', 'd/empty/': '', 'kept/x': 'X', '-f': 'dash', 'a*': 'star' };

/** The folder with links in it: to a file, to a directory, and to nowhere. */
async function boxWithLinks(kind: (typeof boxKinds)[number]): Promise<Box> {
  const box = await openBox(kind, tree);
  await symlink('../kept', box.there.join('d', 'to-kept'));
  await symlink('../file', box.there.join('d', 'to-file'));
  await symlink('nowhere', box.there.join('d', 'sub', 'dangling'));
  await symlink('nowhere', box.there.join('dangling'));
  return box;
}

const remains = { file: 'F', 'kept/': '', 'kept/x': 'X', '-f': 'dash', 'a*': 'star' };

for (const kind of boxKinds) {
  for (const place of kind === 'codexfs serve' ? ['box:', ''] : ['box:']) {
    const on = `${place === '' ? 'local paths' : kind}`;

    describe(`codexfs rm on ${on}`, (test) => {
      test('removes files and links, and not what links lead to', async () => {
        await using box = await boxWithLinks(kind);
        const names = ['file', 'd/to-kept', 'd/to-file', 'dangling'].map((name) => `${place}THERE/${name}`);
        assert.equal(await box.run('rm', ...names), { status: 0, out: '', err: '' });
        assert.equal(await treeOf(box.there.path), {
          ...{ '-f': 'dash', 'a*': 'star', 'd/': '', 'd/a': 'A', 'd/empty/': '', 'd/sub/': '', 'd/sub/b': 'B' },
          ...{ 'kept/': '', 'kept/x': 'X', 'd/sub/dangling/': '' },
        });
      });

      test('-r removes a directory with what is in it', async () => {
        await using box = await boxWithLinks(kind);
        assert.equal(await box.run('rm', '-r', `${place}THERE/d`, `${place}THERE/dangling`), {
          ...{ status: 0, out: '', err: '' },
        });
        assert.equal(await treeOf(box.there.path), remains);
      });

      test('-rv removes entry by entry and says so', async () => {
        await using box = await boxWithLinks(kind);
        const { status, err } = await box.run('rm', '-Rv', `${place}THERE/d`);
        const removed = err.split('\n').filter((line) => line.startsWith('removed'));
        // Released servers do not list links that lead nowhere, which go with their directory.
        const expected = ['directory PLACE/d', 'directory PLACE/d/empty', 'directory PLACE/d/sub', 'PLACE/d/a']
          .concat(['PLACE/d/sub/b', 'PLACE/d/to-file', 'PLACE/d/to-kept'])
          .concat(kind === 'codexfs serve' ? ['PLACE/d/sub/dangling'] : []);
        assert.is(status, 0);
        assert.equal(
          removed.sort(),
          expected.map((name) => `removed ${name.replace('PLACE', `${place}THERE`)}`).sort(),
        );
        assert.equal(await treeOf(box.there.path), { ...remains, 'dangling/': '' });
      });

      test('-r of a link to a directory removes the link', async () => {
        await using box = await boxWithLinks(kind);
        assert.is((await box.run('rm', '-r', `${place}THERE/d/to-kept`)).status, 0);
        assert.equal((await treeOf(box.there.path))['kept/x'], 'X');
      });

      test('refuses directories without -r, and tells what is missing unless -f', async () => {
        await using box = await boxWithLinks(kind);
        const words = [`${place}THERE/d`, `${place}THERE/none`, `${place}THERE/file/x`, `${place}THERE/file`];
        const { status, err } = await box.run('rm', ...words);
        assert.equal(
          [status, err.split('\n')],
          [
            1,
            [
              `codexfs: rm: ${place}THERE/d: is a directory`,
              'hint: add -r to remove it',
              `codexfs: rm: ${place}THERE/none: no such file or directory`,
              `codexfs: rm: ${place}THERE/file/x: not a directory`,
              '',
            ],
          ],
        );
        const forced = await box.run('rm', '-f', `${place}THERE/none`, `${place}THERE/file/x`);
        assert.equal(forced, { status: 0, out: '', err: '' });
      });

      test('takes a separator at the end for a directory, and never follows a link by it', async () => {
        await using box = await boxWithLinks(kind);
        for (const name of ['file/', 'd/to-kept/', 'd/to-file//']) {
          const { status, err } = await box.run('rm', '-rf', `${place}THERE/${name}`);
          assert.equal([status, err], [3, `codexfs: rm: ${place}THERE/${name}: is not a directory\n`]);
        }
        assert.is((await box.run('rm', '-r', `${place}THERE/d//`)).status, 0);
        assert.equal(await treeOf(box.there.path), { ...remains, 'dangling/': '' });
      });

      test('takes names that look like something else', async () => {
        await using box = await boxWithLinks(kind);
        await writeFile(box.there.join('back\\'), '');
        await writeFile(box.there.join('back'), 'B');
        const words = ['rm', `${place}THERE/-f`, `${place}THERE/a*`, `${place}THERE/back\\`];
        assert.equal(await box.run(...words), { status: 0, out: '', err: '' });
        const { file, 'kept/x': x, back, '-f': dash } = await treeOf(box.there.path);
        assert.equal([file, x, back, dash], ['F', 'X', 'B', undefined]);
      });
    });

    describe(`codexfs mkdir on ${on}`, (test) => {
      test('makes directories, and those above them with -p', async () => {
        await using box = await openBox(kind, { file: 'F' });
        assert.equal(await box.run('mkdir', `${place}THERE/one`, `${place}THERE/two/`), {
          status: 0,
          out: '',
          err: '',
        });
        assert.equal(await box.run('mkdir', '-p', `${place}THERE/a/b/c`, `${place}THERE/one`), {
          ...{ status: 0, out: '', err: '' },
        });
        const tree = { 'a/': '', 'a/b/': '', 'a/b/c/': '', file: 'F', 'one/': '', 'two/': '' };
        assert.equal(await treeOf(box.there.path), tree);
      });

      test('says what stands in the way, and makes the others', async () => {
        await using box = await openBox(kind, { file: 'F', 'd/': '' });
        const words = ['d', 'none/x', 'file', 'new'].map((name) => `${place}THERE/${name}`);
        const { status, err } = await box.run('mkdir', ...words);
        assert.equal(
          [status, err.split('\n')],
          [
            1,
            [
              `codexfs: mkdir: ${place}THERE/d: already exists`,
              `codexfs: mkdir: ${place}THERE/none/x: no such file or directory`,
              'hint: add -p to make what is above it too',
              `codexfs: mkdir: ${place}THERE/file: already exists`,
              '',
            ],
          ],
        );
        assert.ok('new/' in (await treeOf(box.there.path)));
      });
    });
  }
}

describe('codexfs rm', (test) => {
  for (const kind of boxKinds) {
    test(
      `refuses roots and working directories of ${kind}, whatever the options`,
      async () => {
        await using box = await openBox(kind, { 'd/sub/x': 'X' });
        await using inside = await startCodexfsServe({ listen: 'ws', wrapper: ['env', '-C', box.there.join('d/sub')] });
        const refused = ['box:', 'box:.', 'box:/', 'box:/.', 'box:~', 'box:THERE/d/..', 'box:THERE/d/.//', 'box:..']
          .concat(['in:', 'in:.', 'in:/', 'in:THERE/d/sub', 'in:THERE/d', 'in:THERE', '/', '.', '..', 'THERE', './'])
          .concat([`${box.remote}/`, `${box.remote}//`]);
        for (const word of refused) {
          const { status, err } = await box.run('--remote', `in=${inside.remote}`, 'rm', '-rf', word);
          assert.equal([word, status, /hint: name what is in it instead\n$/.test(err)], [word, 4, true]);
        }
        assert.equal(await treeOf(box.there.path), { 'd/': '', 'd/sub/': '', 'd/sub/x': 'X' });
      },
      { timeoutMs: 60_000 },
    );
  }

  test('refuses the root of serve --root', async () => {
    await using place = await temporaryDirectory();
    await mkdir(place.join('root', 'x'), { recursive: true });
    await using server = await startCodexfsServe({ listen: 'ws', args: ['--root', place.join('root')] });
    await using box = await openBox('codexfs serve', {});
    const run = (word: string) => box.run('--remote', `rooted=${server.remote}`, 'rm', '-rf', word);
    assert.equal([(await run('rooted:')).status, (await run(`rooted:${place.join('root')}`)).status], [4, 4]);
    assert.equal(await treeOf(place.path), { 'root/': '', 'root/x/': '' });
    assert.is((await run('rooted:x')).status, 0);
  });

  test('without a location is wrong use, and rm -f is not', async () => {
    await using box = await openBox('codexfs serve', {});
    assert.equal((await box.run('rm')).status, 2);
    assert.equal(await box.run('rm', '-f'), { status: 0, out: '', err: '' });
  });

  test(
    'names what cannot be removed, removes the rest, and exits 1',
    async () => {
      await using folder = await temporaryDirectory();
      await makeTree(folder.path, { 'd/a': 'A', 'd/held/b': 'B', 'd/free/c': 'C' });
      await chmod(folder.path, 0o777);
      for (const name of ['d', 'd/free']) await chmod(folder.join(name), 0o777);
      await using box = await openBox('codexfs serve', {});
      await using mine = await startCodexfsServe({ listen: 'ws', wrapper: asNobody });
      const words = ['--remote', `mine=${mine.remote}`, 'rm', '-r', `mine:${folder.join('d')}`];
      const result = await box.run(...words);
      assert.is(result.status, 1);
      assert.match(result.err, `codexfs: rm: mine:${folder.join('d/held/b')}: permission denied\n`);
      assert.match(result.err, /codexfs: rm: mine:\S+\/d: 1 entry is left, what else was in it is removed\n$/);
      assert.equal(await treeOf(folder.path), { 'd/': '', 'd/held/': '', 'd/held/b': 'B' });
    },
    { skip: unavailable(asNobody[0] ?? '', ...asNobody.slice(1), 'true') },
  );
});

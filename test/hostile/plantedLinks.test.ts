// Links that lie in wait below the destination of `codexfs cp -r`: none is followed, each is named, and the rest is copied.

import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as assert from 'uvu/assert';
import { serve } from '../../src/server/serve.js';
import { describe } from '../helpers/describe.js';
import { runInProcess } from '../helpers/runInProcess.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree } from '../helpers/treeOf.js';

async function scene() {
  const place = await temporaryDirectory();
  const server = await serve();
  await makeTree(place.join('src'), { 'd/a': 'A', 'd/b': 'B', 'e/c': 'C', f: 'F' });
  await makeTree(place.join('dst'), { 'd/': '' });
  await makeTree(place.join('outside'), { secret: 'secret' });
  return {
    place,
    source: `${server.url}${place.join('src')}`,
    async [Symbol.asyncDispose]() {
      await server.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

describe('codexfs cp -r', (test) => {
  test('follows no link below its destination', async () => {
    await using here = await scene();
    const { place } = here;
    await symlink(place.join('outside/secret'), place.join('dst/d/a'));
    await symlink(place.join('outside/new'), place.join('dst/f'));
    await symlink(place.join('outside'), place.join('dst/e'));
    const { status, stderr } = await runInProcess(['cp', '-rT', here.source, place.join('dst')]);
    assert.is(status, 1, stderr);
    for (const name of ['d/a', 'e', 'f']) {
      const line = `codexfs: cp: ${place.join('dst', name)}: is a symbolic link, which a recursive copy does not follow below its destination\n`;
      assert.ok(stderr.includes(line), stderr);
    }
    assert.equal(await readdir(place.join('outside')), ['secret']);
    assert.is(await readFile(place.join('outside/secret'), 'utf8'), 'secret');
    assert.is(await readFile(place.join('dst/d/b'), 'utf8'), 'B');
  });

  for (const options of [['--atomic'], ['-b'], ['-u'], ['-n'], ['-p'], ['--continue', '--verify']]) {
    test(`${options.join(' ')} follows none either`, async () => {
      await using here = await scene();
      const { place } = here;
      await symlink(place.join('outside/secret'), place.join('dst/f'));
      await symlink(place.join('outside'), place.join('dst/e'));
      const run = await runInProcess(['cp', '-rT', ...options, here.source, place.join('dst')]);
      assert.is(run.status, 1, run.stderr);
      assert.equal(await readdir(place.join('outside')), ['secret']);
      assert.is(await readFile(place.join('outside/secret'), 'utf8'), 'secret');
      assert.is(await readFile(place.join('dst/d/b'), 'utf8'), 'B');
    });
  }

  test('takes a link that is the destination itself', async () => {
    await using here = await scene();
    const { place } = here;
    await symlink(place.join('dst'), place.join('link'));
    const { status, stderr } = await runInProcess(['cp', '-rT', here.source, place.join('link')]);
    assert.is(status, 0, stderr);
    assert.is(await readFile(place.join('dst/d/a'), 'utf8'), 'A');
  });

  test('does not enter a link where DEST/NAME is', async () => {
    await using here = await scene();
    const { place } = here;
    await symlink(place.join('outside'), place.join('dst/src'));
    const { status, stderr } = await runInProcess(['cp', '-r', here.source, place.join('dst')]);
    assert.is(status, 4, stderr);
    assert.equal(await readdir(place.join('outside')), ['secret']);
  });

  test('keeps to its destination with --parents', async () => {
    await using here = await scene();
    const { place } = here;
    const link = place.join('dst', place.path);
    await mkdir(dirname(link), { recursive: true });
    await symlink(place.join('outside'), link);
    const { status, stderr } = await runInProcess(['cp', '-r', '--parents', here.source, place.join('dst')]);
    assert.is(status, 4, stderr);
    assert.equal(await readdir(place.join('outside')), ['secret']);
  });
});

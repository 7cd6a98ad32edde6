// `--root`: nothing outside of it is read, written, listed, removed or even told about, whatever leads there.

import { chmod, link, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { serve } from '../../src/server/serve.js';
import { describe, rejection } from '../helpers/describe.js';
import { flippingLink } from '../helpers/flippingLink.js';
import type { RawClient } from '../helpers/rawClient.js';
import { servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Scene extends AsyncDisposable {
  readonly client: RawClient;
  /** A path below the root. */
  in(name: string): string;
  /** A path beside the root, in a directory called `outside`. */
  out(name: string): string;
}

/** `root/d/e/x` and `outside/secret`, with links of all kinds between them. */
async function scene(): Promise<Scene> {
  const directory = await temporaryDirectory();
  const inside = (name: string) => directory.join('root', name);
  const outside = (name: string) => directory.join('outside', name);
  await mkdir(inside('d/e'), { recursive: true });
  await mkdir(outside(''));
  await writeFile(inside('d/e/x'), 'inside');
  await writeFile(outside('secret'), 'secret');
  await symlink('d/e', inside('to-e'));
  await symlink(inside('d/e/x'), inside('to-x'));
  await symlink('../d/up', inside('d/up'));
  await symlink('../outside', inside('relative-out'));
  await symlink(outside(''), inside('absolute-out'));
  await symlink(outside('secret'), inside('to-secret'));
  await symlink('../../outside/new', inside('d/to-new'));
  const served = await servedClient('memory', { root: inside('') });
  return {
    client: served.client,
    in: inside,
    out: outside,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const refused = /^-32600 Permission denied: the path leads out of the served directory$/;

describe('a rooted server', (test) => {
  test('announces the root as the place to start from', async () => {
    await using here = await scene();
    const info = await here.client.result('environment/info');
    assert.equal([info.cwd, info.userHomeDir], [`file://${here.in('')}`, `file://${here.in('')}`]);
  });

  test('does inside what a server without a root does', async () => {
    await using here = await scene();
    const { client } = here;
    const text = (value: { dataBase64: string }) => Buffer.from(value.dataBase64, 'base64').toString();
    for (const name of ['d/e/x', 'to-e/x', 'to-x', 'd/../d/./e//x', 'd/e/../../to-e/x']) {
      assert.is(text(await client.result('fs/readFile', { path: here.in(name) })), 'inside', name);
      assert.is((await client.result('fs/canonicalize', { path: here.in(name) })).path, here.in('d/e/x'));
    }
    await client.result('fs/createDirectory', { path: here.in('n/m/o') });
    await client.result('fs/createDirectory', { path: here.in('to-e/made') });
    await client.result('fs/createDirectory', { path: here.in('to-e/made') });
    await client.result('fs/writeFile', { path: here.in('to-e/made/y'), dataBase64: 'aGk=' });
    assert.is(await readFile(here.in('d/e/made/y'), 'utf8'), 'hi');
    await client.result('fs/copy', { sourcePath: here.in('d'), destinationPath: here.in('copy'), recursive: true });
    assert.is(await readFile(here.in('copy/e/made/y'), 'utf8'), 'hi');
    await client.result('fs/remove', { path: here.in('copy') });
    await client.result('fs/remove', { path: here.in('to-e') });
    assert.equal((await readdir(here.in('d/e'))).sort(), ['made', 'x']);
    const info = await client.result('fs/getMetadata', { path: here.in('to-x') });
    assert.equal([info.isFile, info.isSymlink, info.size], [true, true, 6]);
    assert.is((await client.result('fs/getMetadata', { path: here.in('') })).isDirectory, true);
  });

  test('refuses with the words of the system inside', async () => {
    await using here = await scene();
    const refusal = (method: string, name: string) => here.client.refusal(method, { path: here.in(name) });
    assert.is(await refusal('fs/readFile', 'none'), '-32004 No such file or directory (os error 2)');
    assert.is(await refusal('fs/readFile', 'd'), `-32600 path \`${here.in('d')}\` is not a file`);
    assert.is(await refusal('fs/readFile', 'd/e/x/y'), '-32603 Not a directory (os error 20)');
    assert.is(await refusal('fs/readDirectory', 'd/e/x'), '-32603 Not a directory (os error 20)');
    assert.is(await refusal('fs/readFile', 'd/up'), '-32603 Too many levels of symbolic links (os error 40)');
    assert.is(await refusal('fs/getMetadata', 'd/none/x'), '-32004 No such file or directory (os error 2)');
  });

  test('lets no path lead out', async () => {
    await using here = await scene();
    const { client } = here;
    const ways = [
      'relative-out/secret',
      'absolute-out/secret',
      'to-secret',
      '../outside/secret',
      'd/../../outside/secret',
    ];
    for (const path of [...ways.map(here.in), here.out('secret'), '/etc/passwd', '/', `${here.in('')}-not`]) {
      assert.match(await client.refusal('fs/readFile', { path }), refused, path);
      assert.match(await client.refusal('fs/getMetadata', { path }), /^-32600 Permission denied/, path);
      assert.match(await client.refusal('fs/readFile/open', { handleId: 'r', path }), refused, path);
      assert.match(await client.refusal('fs/writeFile/open', { handleId: 'w', path }), refused, path);
      assert.match(await client.refusal('fs/open', { handleId: 'w', path, mode: 'replace' }), refused, path);
      assert.match(await client.refusal('fs/writeFile', { path, dataBase64: '' }), refused, path);
      assert.match(await client.refusal('fs/canonicalize', { path }), refused, path);
      assert.match(await client.refusal('fs/readDirectory', { path }), refused, path);
    }
    for (const name of ['relative-out/new', 'absolute-out/n/m', '../new', '../outside/new']) {
      assert.match(await client.refusal('fs/createDirectory', { path: here.in(name) }), refused, name);
      assert.match(await client.refusal('fs/writeFile', { path: here.in(name), dataBase64: '' }), refused, name);
    }
    assert.match(await client.refusal('fs/writeFile', { path: here.in('d/to-new'), dataBase64: '' }), refused);
    assert.equal(await readdir(here.out('')), ['secret']);
    assert.is(await readFile(here.out('secret'), 'utf8'), 'secret');
  });

  test('removes and copies links, and not what they lead to', async () => {
    await using here = await scene();
    const { client } = here;
    const copy = (from: string, to: string) =>
      client.call('fs/copy', { sourcePath: here.in(from), destinationPath: here.in(to), recursive: true });
    assert.equal((await copy('absolute-out', 'd/copied')).result, {});
    assert.ok((await lstat(here.in('d/copied'))).isSymbolicLink());
    assert.match((await copy('relative-out/secret', 'd/stolen')).error?.message ?? '', /leads out/);
    assert.match((await copy('d/e/x', 'relative-out/planted')).error?.message ?? '', /leads out/);
    assert.match((await copy('d', 'relative-out/planted')).error?.message ?? '', /leads out/);
    await client.result('fs/remove', { path: here.in('absolute-out') });
    assert.match(await client.refusal('fs/remove', { path: here.in('relative-out/secret') }), refused);
    assert.match(await client.refusal('fs/remove', { path: here.in('') }), refused);
    await client.result('fs/remove', { path: here.in('d') });
    assert.equal(await readdir(here.out('')), ['secret']);
  });

  test('lists links that lead out as neither file nor directory, and walks none', async () => {
    await using here = await scene();
    const { entries } = await here.client.result<{
      entries: { fileName: string; isFile: boolean; isDirectory: boolean }[];
    }>('fs/readDirectory', { path: here.in('') });
    const links = entries.filter(({ fileName }) => /out|secret/.test(fileName));
    assert.is(links.length, 3);
    for (const entry of links) assert.equal([entry.isFile, entry.isDirectory], [false, false]);
    const options = { maxDepth: 64, maxDirectories: 100, maxEntries: 100, followDirectorySymlinks: true };
    const walk = await here.client.result<{ entries: { path: string }[] }>('fs/walk', { path: here.in(''), options });
    assert.equal(
      walk.entries.map(({ path }) => path.slice(here.in('/').length)),
      ['d', 'to-e', 'd/e', 'to-e/x'],
    );
  });

  test(
    'holds against a directory that is a link every other moment',
    async () => {
      await using here = await scene();
      await using _ = await flippingLink(here.in('d'), here.out(''));
      const { client } = here;
      let [inside, refusals] = [0, 0];
      for (let round = 0; round < 60; round++) {
        const path = here.in('d/secret');
        const dataBase64 = Buffer.from('planted').toString('base64');
        const answers = [
          client.call('fs/writeFile', { path, dataBase64 }),
          client.call('fs/readFile', { path }),
          client.call('fs/createDirectory', { path: here.in('d/sub'), recursive: false }),
          client.call('fs/copy', { sourcePath: here.in('d'), destinationPath: here.in('c'), recursive: true }),
          client.call('fs/remove', { path: here.in('d/sub') }),
          client.call('fs/remove', { path: here.in('c') }),
        ];
        for (const { result, error } of await Promise.all(answers)) {
          if (error === undefined) inside++;
          else refusals++;
          const { dataBase64: read = '' } = (result ?? {}) as { dataBase64?: string };
          assert.is.not(Buffer.from(read, 'base64').toString(), 'secret');
        }
      }
      assert.ok(inside > 0 && refusals > 0, `${inside} done, ${refusals} refused`);
      assert.equal(await readdir(here.out('')), ['secret']);
      assert.is(await readFile(here.out('secret'), 'utf8'), 'secret');
    },
    { timeoutMs: 30_000 },
  );

  test('takes hard links for part of the root', async () => {
    await using here = await scene();
    await link(here.out('secret'), here.in('hard'));
    await here.client.result('fs/readFile', { path: here.in('hard') });
  });

  test('removes trees with names that are not UTF-8 and directories without permission to others', async () => {
    await using here = await scene();
    await writeFile(Buffer.concat([Buffer.from(here.in('d/')), Buffer.from([0xff, 0xfe])]), '');
    await chmod(here.in('d/e'), 0o700);
    await here.client.result('fs/remove', { path: here.in('d') });
    assert.is((await readdir(here.in(''))).includes('d'), false);
  });

  test('takes the root for a directory that is there when it is to be made, by each of its names', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.join('root'));
    await symlink('root', directory.join('link'));
    await using served = await servedClient('memory', { root: directory.join('link') });
    for (const name of ['root', 'link']) {
      const path = directory.join(name);
      assert.equal(await served.client.result('fs/createDirectory', { path, recursive: true }), {});
      assert.equal(
        await served.client.result('fs/createDirectory', { path: `${path}/${name}/a`, recursive: true }),
        {},
      );
      assert.match(await served.client.refusal('fs/createDirectory', { path, recursive: false }), /File exists/);
    }
    const above = { path: directory.path, recursive: true };
    assert.match(await served.client.refusal('fs/createDirectory', above), refused);
    assert.equal((await readdir(directory.path)).sort(), ['link', 'root']);
    assert.equal((await readdir(directory.join('root'))).sort(), ['link', 'root']);
  });

  test('copies no directory to outside, and says where the way ends when a name is too long', async () => {
    await using here = await scene();
    const params = { sourcePath: here.in('d'), destinationPath: here.out('new'), recursive: true };
    assert.match(await here.client.refusal('fs/copy', params), refused);
    assert.equal(await readdir(here.out('')), ['secret']);
    const path = here.in(`d/${'x'.repeat(300)}`);
    for (const method of ['fs/getMetadata', 'fs/readFile']) {
      assert.match(await here.client.refusal(method, { path }), /File name too long/);
    }
  });

  test('goes on serving the directory itself when it is renamed', async () => {
    await using here = await scene();
    const moved = here.out('../moved');
    await rename(here.in(''), moved);
    await mkdir(here.in(''));
    await here.client.result('fs/readFile', { path: here.in('d/e/x') });
    await rm(moved, { recursive: true });
  });

  test('needs a directory', async () => {
    await using here = await scene();
    for (const root of [here.in('none'), here.in('d/e/x')]) await rejection(serve({ root }), UsageError);
  });
});

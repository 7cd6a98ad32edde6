// Local files at the limits of their host: a full disk, a size limit, no more descriptors, no permission.

import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { inChild } from '../helpers/inChild.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { unavailable } from '../helpers/unavailable.js';

/** Writes chunks of 3000 bytes to `path` until it fails, then once more, and prints what came of it. */
const fill = (path: string) => `
  const { LocalFileSystem } = await source('fs/LocalFileSystem.js');
  const handle = await new LocalFileSystem().openWrite(${JSON.stringify(path)});
  let acknowledged = 0, error, next;
  while (error === undefined) await handle.write(Buffer.alloc(3000, 'x')).then(() => { acknowledged += 3000 }, (e) => { error = e });
  await handle.write(Buffer.from('y')).catch((e) => { next = e });
  await handle.close();
  const { size } = await (await import('node:fs/promises')).stat(${JSON.stringify(path)});
  console.log(JSON.stringify({ acknowledged, code: error.code, message: error.message, again: next === error, size }));`;

interface Filled {
  readonly acknowledged: number;
  readonly size: number;
}

const inUserNamespace = ['unshare', '-Urm', 'sh', '-c'];
const isRoot = process.getuid?.() === 0;

describe('a local write', (test) => {
  for (const limit of [8_999, 9_000, 9_001, 10_500]) {
    test(
      `that meets the size limit at ${limit} bytes fails with what fits in the file`,
      async () => {
        await using directory = await temporaryDirectory();
        const result = (await inChild(fill(directory.join('a')), ['prlimit', `--fsize=${limit}`])) as Filled;
        assert.equal(result, {
          acknowledged: Math.floor(limit / 3_000) * 3_000,
          code: 'file_too_large',
          message: 'file too large',
          again: true,
          size: limit,
        });
      },
      { skip: unavailable('prlimit', '--version') },
    );
  }

  test(
    'that meets the end of the disk fails, and only whole writes were acknowledged',
    async () => {
      await using directory = await temporaryDirectory();
      const mount = `mount -t tmpfs -o size=64k tmpfs ${directory.path} && exec "$0" "$@"`;
      const result = (await inChild(fill(directory.join('a')), [...inUserNamespace, mount])) as Filled;
      const { acknowledged, size } = result;
      assert.equal(
        { ...result, acknowledged: 0, size: 0 },
        { acknowledged: 0, code: 'no_space', message: 'no space left on device', again: true, size: 0 },
      );
      assert.is(size, 65_536);
      assert.is(acknowledged, Math.floor(size / 3_000) * 3_000);
    },
    { skip: unavailable('unshare', '-Urm', 'true') },
  );

  test(
    'to a read-only file system is refused',
    async () => {
      await using directory = await temporaryDirectory();
      const mount = `mount -t tmpfs -o ro tmpfs ${directory.path} && exec "$0" "$@"`;
      const code = `
        const { LocalFileSystem } = await source('fs/LocalFileSystem.js');
        const error = await new LocalFileSystem().openWrite(${JSON.stringify(directory.join('a'))}).catch((e) => e);
        console.log(JSON.stringify({ code: error.code, message: error.message }));`;
      assert.equal(await inChild(code, [...inUserNamespace, mount]), {
        code: 'read_only_file_system',
        message: 'read-only file system',
      });
    },
    { skip: unavailable('unshare', '-Urm', 'true') },
  );
});

describe('local files', (test) => {
  test(
    'beyond the limit of descriptors are refused, and can be opened again after others are closed',
    async () => {
      await using directory = await temporaryDirectory();
      await writeFile(directory.join('a'), 'abc');
      const code = `
        const { LocalFileSystem } = await source('fs/LocalFileSystem.js');
        const files = new LocalFileSystem(), handles = [];
        let error;
        while (error === undefined) await files.openRead(${JSON.stringify(directory.join('a'))}).then((h) => handles.push(h), (e) => { error = e });
        for (const handle of handles) await handle.close();
        await using again = await files.openRead(${JSON.stringify(directory.join('a'))});
        const { bytes } = await again.read(0, 3);
        console.log(JSON.stringify({ code: error.code, some: handles.length > 5, read: bytes.toString() }));`;
      // 'await using' is not in every supported Node.
      const portable = code
        .replace('await using again', 'const again')
        .replace('console.log', 'await again.close(); console.log');
      assert.equal(await inChild(portable, ['prlimit', '--nofile=60']), {
        code: 'too_many_open_files',
        some: true,
        read: 'abc',
      });
    },
    { skip: unavailable('prlimit', '--version') },
  );

  test(
    'without permission are refused and left as they are',
    async () => {
      await using directory = await temporaryDirectory();
      await writeFile(directory.join('secret'), 'abc', { mode: 0o600 });
      await writeFile(directory.join('fixed'), 'abc', { mode: 0o444 });
      await mkdir(directory.join('folder'));
      for (const name of ['', 'folder']) await chmod(directory.join(name), 0o755);
      const code = `
        process.setgroups?.([]); process.setgid?.(65534); process.setuid?.(65534);
        const { LocalFileSystem } = await source('fs/LocalFileSystem.js');
        const files = new LocalFileSystem(), path = ${JSON.stringify(directory.path)};
        const attempts = [files.openRead(path + '/secret'), files.openWrite(path + '/fixed'), files.openWrite(path + '/folder/new'),
          files.makeDirectory(path + '/more', { recursive: false }), files.remove(path + '/fixed', { recursive: false, force: true })];
        console.log(JSON.stringify(await Promise.all(attempts.map((a) => a.then(() => 'done', (e) => e.code + ': ' + e.message)))));`;
      const sourceFirst = `await source('fs/LocalFileSystem.js');${code}`;
      assert.equal(await inChild(sourceFirst), Array(5).fill('permission_denied: permission denied'));
      assert.is((await stat(directory.join('fixed'))).size, 3);
    },
    { skip: isRoot ? undefined : 'only root can become another user' },
  );
});

// `--read-only`: every method that could change something is refused, and none is forgotten.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { dialects } from '../../src/server/environment.js';
import { MethodTable } from '../../src/server/methodTable.js';
import { HostFileSystem } from '../../src/server/ServedFileSystem.js';
import { describe } from '../helpers/describe.js';
import { servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const refusal = /^-32603 Read-only file system/;

describe('a read-only server', (test) => {
  test('answers every method that reads and refuses every other', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('file');
    const [sourcePath, destinationPath] = [path, directory.join('copy')];
    await writeFile(path, 'hello');
    await mkdir(directory.join('empty'));
    await using here = await servedClient('memory', { readOnly: true });
    const options = { maxDepth: 1, maxDirectories: 9, maxEntries: 9, followDirectorySymlinks: false };
    const reading: Record<string, object> = {
      'environment/info': {},
      'fs/readFile/open': { handleId: 'r', path },
      'fs/readFile/read': { handleId: 'r', offset: 0 },
      'fs/readFile/stat': { handleId: 'r' },
      'fs/readFile/close': { handleId: 'r' },
      'fs/open': { handleId: 'b', path },
      'fs/readBlock': { handleId: 'b', offset: 0, len: 5 },
      'fs/close': { handleId: 'b' },
      'fs/readFile': { path },
      'fs/getMetadata': { path },
      'fs/readDirectory': { path: directory.path },
      'fs/walk': { path: directory.path, options },
      'fs/canonicalize': { path },
    };
    const changing: Record<string, object[]> = {
      'fs/writeFile/open': [
        { handleId: 'w', path },
        { handleId: 'w', path: destinationPath },
      ],
      'fs/writeFile': [{ path, dataBase64: '' }],
      'fs/createDirectory': [{ path: directory.join('new') }, { path: directory.path }],
      'fs/remove': [{ path }, { path: directory.join('none') }, { path: directory.join('empty') }],
      'fs/copy': [
        { sourcePath, destinationPath, recursive: false },
        { sourcePath: directory.join('empty'), destinationPath, recursive: true },
      ],
    };
    const harmless = ['fs/writeFile/write', 'fs/writeFile/close', 'fs/writeBlock'];
    const { router } = new MethodTable({
      fileSystem: new HostFileSystem(),
      dialects,
      place: { cwd: '/', home: '/' },
    });
    const covered = [...Object.keys(reading), ...Object.keys(changing), ...harmless];
    assert.equal(
      router.methods.filter((method) => !covered.includes(method)),
      [],
    );

    for (const [method, params] of Object.entries(reading)) await here.client.result(method, params);
    for (const [method, cases] of Object.entries(changing)) {
      for (const params of cases) assert.match(await here.client.refusal(method, params), refusal, method);
    }
    assert.match(await here.client.refusal('fs/open', { handleId: 'w', path, mode: 'replace' }), refusal);
    // Without an open for writing there is no handle that these could work on.
    for (const method of ['fs/writeFile/write', 'fs/writeBlock']) {
      assert.is(
        await here.client.refusal(method, { handleId: 'w', offset: 0, dataBase64: 'aGk=', chunk: 'aGk=' }),
        '-32004 unknown file handle `w`',
      );
    }
    assert.equal((await readdir(directory.path)).sort(), ['empty', 'file']);
    assert.is(await readFile(path, 'utf8'), 'hello');
  });

  test('can have a root as well', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('file'), 'hello');
    await using here = await servedClient('memory', { readOnly: true, root: directory.path });
    await here.client.result('fs/readFile', { path: directory.join('file') });
    assert.match(await here.client.refusal('fs/remove', { path: directory.join('file') }), refusal);
    assert.match(await here.client.refusal('fs/readFile', { path: '/etc/passwd' }), /^-32600/);
  });
});

// The programs in examples/, run as they stand.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { serve } from '../src/index.js';
import { describe } from './helpers/describe.js';
import { filesBelow, repositoryRoot } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporaryDirectory.js';

const tried = new Set<string>();

function runExample(name: string, ...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  tried.add(`${name}.ts`);
  return promisify(execFile)(process.execPath, [join(repositoryRoot, 'dist/examples', `${name}.js`), ...args]);
}

describe('the examples', (test) => {
  test('copyWithProgress.js copies and counts', async () => {
    await using server = await serve();
    await using directory = await temporaryDirectory();
    const content = Buffer.alloc(700_001, 'x');
    await writeFile(directory.join('from'), content);
    const to = directory.join('to');
    const { stdout, stderr } = await runExample('copyWithProgress', server.url, directory.join('from'), to);
    assert.equal(stdout, 'copied 700001 bytes\n');
    assert.match(stderr, /^700001 of 700001 bytes$/m);
    assert.ok(content.equals(await readFile(to)));
  });

  test('copyWithProgress.js says what a failure left', async () => {
    await using server = await serve();
    await using directory = await temporaryDirectory();
    const args = [server.url, directory.join('missing'), directory.join('to')];
    const { code, stderr } = await runExample('copyWithProgress', ...args).then(
      () => assert.fail('it ended well'),
      (error: { code: number; stderr: string }) => error,
    );
    assert.equal(code, 1);
    assert.match(stderr, /\(not_found\); the destination is intact, 0 bytes\n$/);
  });

  test('readRange.js prints the bytes asked for', async () => {
    await using server = await serve();
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('file'), 'abcdefgh');
    const { stdout } = await runExample('readRange', server.url, directory.join('file'), '2', '3');
    assert.equal(stdout, '636465\n');
    const atEnd = await runExample('readRange', server.url, directory.join('file'), '6', '30');
    assert.equal(atEnd.stdout, '6768\n');
  });

  test('webStreams.js compresses a file on its way', async () => {
    await using server = await serve();
    await using directory = await temporaryDirectory();
    const content = Buffer.alloc(1_000_000, 'compressible ');
    await writeFile(directory.join('file'), content);
    await runExample('webStreams', server.url, directory.join('file'), directory.join('file.gz'));
    assert.ok(content.equals(gunzipSync(await readFile(directory.join('file.gz')))));
  });

  test('serveInTest.js lists what it serves', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.join('folder'));
    const { stdout } = await runExample('serveInTest', directory.path);
    assert.equal(stdout, 'directory\tfolder\n');
  });

  test('memoryFileSystem.js copies from memory and back', async () => {
    await using server = await serve();
    await using directory = await temporaryDirectory();
    const { stdout } = await runExample('memoryFileSystem', server.url, directory.join('file'));
    assert.equal(stdout, 'from memory\n');
    assert.equal(await readFile(directory.join('file'), 'utf8'), 'from memory\n');
  });

  test('are all run here', async () => {
    assert.deepEqual([...tried].sort(), await filesBelow(join(repositoryRoot, 'examples'), '.ts'));
  });
});

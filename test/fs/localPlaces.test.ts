// What only this host's files can: be appended to, take another's place in one step, and be given a mode and a time.

import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { describe, rejection } from '../helpers/describe.js';
import { descriptorsBelow } from '../helpers/processes.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const files = new LocalFileSystem();

/** Runs `work` in an empty directory and shows that nothing in it stays open. */
async function inDirectory(work: (directory: TemporaryDirectory) => Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory();
  await work(directory);
  assert.equal(await descriptorsBelow(process.pid, directory.path), []);
}

describe('appending to a local file', (test) => {
  test('writes behind what is there and leaves that as it is', () =>
    inDirectory(async (directory) => {
      const path = directory.join('a');
      await writeFile(path, 'begin, ');
      const handle = await files.openAppend(path, 7);
      await Promise.all([handle.write(Buffer.from('middle, ')), handle.write(Buffer.from('end'))]);
      await handle.close();
      assert.is(await readFile(path, 'utf8'), 'begin, middle, end');
    }));

  test('is refused where the file is missing, has another length, or is a directory', () =>
    inDirectory(async (directory) => {
      await writeFile(directory.join('a'), 'abc');
      const codeOf = async (path: string, bytes: number) =>
        (await rejection(files.openAppend(path, bytes), FileError)).code;
      assert.is(await codeOf(directory.join('missing'), 3), 'not_found');
      assert.is(await codeOf(directory.join('a'), 2), 'size_mismatch');
      assert.is(await codeOf(directory.path, 2), 'is_directory');
      assert.is(await readFile(directory.join('a'), 'utf8'), 'abc');
    }));
});

describe('renaming a local file', (test) => {
  test('puts it in the place of another', () =>
    inDirectory(async (directory) => {
      await writeFile(directory.join('new'), 'new');
      await writeFile(directory.join('a'), 'old');
      await files.rename(directory.join('new'), directory.join('a'));
      assert.is(await readFile(directory.join('a'), 'utf8'), 'new');
      assert.is((await rejection(stat(directory.join('new')))) instanceof Error, true);
    }));
});

describe('the attributes of a local file', (test) => {
  test('are set one by one, to the millisecond', () =>
    inDirectory(async (directory) => {
      const path = directory.join('a');
      await writeFile(path, 'a', { mode: 0o600 });
      await files.setAttributes(path, { mode: 0o751 });
      const { mtimeMs } = await stat(path);
      assert.ok(Date.now() - mtimeMs < 60_000);
      await files.setAttributes(path, { modifiedAtMs: 1_234_567_890_123 });
      const set = await stat(path);
      assert.equal([set.mode & 0o7777, Math.round(set.mtimeMs)], [0o751, 1_234_567_890_123]);
    }));

  test('pass from a file to its copy within the host, so that no one may read what they could not', () =>
    inDirectory(async (directory) => {
      await writeFile(directory.join('a'), 'secret', { mode: 0o600 });
      await files.copyWithin(directory.join('a'), directory.join('b'));
      assert.is((await stat(directory.join('b'))).mode & 0o777, 0o600);
    }));

  test('are refused for what is missing', () =>
    inDirectory(async (directory) => {
      await symlink('nowhere', directory.join('dangling'));
      const error = await rejection(files.setAttributes(directory.join('dangling'), { mode: 0o600 }), FileError);
      assert.is(error.code, 'not_found');
    }));
});

// This host's files behind the seam: what is read is what is there, and what cannot be is refused without waiting.

import { execFile } from 'node:child_process';
import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { descriptorsBelow } from '../helpers/processes.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const files = new LocalFileSystem();
const run = promisify(execFile);
const chunk = 262_144;

async function readAll(path: string, chunkBytes: number) {
  await using handle = await files.openRead(path);
  const pieces: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const { bytes, eof } = await handle.read(offset, chunkBytes);
    pieces.push(bytes);
    offset += bytes.length;
    if (eof) return { content: Buffer.concat(pieces), sizes: pieces.map((piece) => piece.length) };
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await rejection(promise, FileError)).code;
}

describe('reading a local file', (test) => {
  for (const size of [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 7]) {
    test(`gives all ${size} bytes and says eof with the last of them`, async () => {
      await using directory = await temporaryDirectory();
      await writeFile(directory.join('a'), contentOf(size));
      const { content, sizes } = await readAll(directory.join('a'), chunk);
      assert.ok(content.equals(contentOf(size)));
      const full = Math.max(0, Math.ceil(size / chunk) - 1);
      assert.equal(sizes, [...Array(full).fill(chunk), size - full * chunk]);
    });
  }

  test('says eof truthfully behind the end and after the file has grown', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('a');
    await writeFile(path, 'abc');
    await using handle = await files.openRead(path);
    const read = async (offset: number, maxBytes: number) => {
      const { bytes, eof } = await handle.read(offset, maxBytes);
      return [bytes.toString(), eof];
    };
    assert.equal(await read(0, 2), ['ab', false]);
    assert.equal(await read(0, 3), ['abc', true]);
    assert.equal(await read(0, 100), ['abc', true]);
    assert.equal(await read(3, 1), ['', true]);
    assert.equal(await read(2 ** 40, 1), ['', true]);
    await writeFile(path, 'abcd');
    assert.equal(await read(0, 3), ['abc', false]);
    assert.equal(await read(3, 1), ['d', true]);
  });

  test('allows reads at the same time, in any order', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), contentOf(10_000));
    await using handle = await files.openRead(directory.join('a'));
    const offsets = [9_000, 0, 5_000, 1, 9_999];
    const results = await Promise.all(offsets.map((offset) => handle.read(offset, 1_000)));
    for (const [index, offset] of offsets.entries()) {
      assert.ok(results[index]?.bytes.equals(contentOf(10_000).subarray(offset, offset + 1_000)));
    }
  });

  test('reads files of /proc, whose size is 0, to their end', async () => {
    const { content } = await readAll('/proc/self/limits', 100);
    assert.match(content.toString(), /^Limit [\s\S]*Max realtime timeout .*\n$/);
  });

  test('reads files of /sys, whose size is a page, to their end', async () => {
    const { content } = await readAll('/sys/kernel/mm/transparent_hugepage/enabled', 4096).catch(() =>
      readAll('/sys/kernel/uevent_seqnum', 4096),
    );
    assert.ok(content.length > 0 && content.length < 4096);
  });

  test('tells the size and time of the open file, whatever happens to its path', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('a');
    await writeFile(path, 'abc');
    await using handle = await files.openRead(path);
    const { mtimeMs } = await stat(path);
    await files.remove(path, { recursive: false, force: false });
    await writeFile(path, 'something else');
    const info = await handle.stat();
    assert.is(info.sizeBytes, 3);
    assert.ok(Math.abs((info.modifiedAtMs ?? 0) - mtimeMs) < 1);
  });

  test('fails after close, and closes once', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), 'abc');
    const handle = await files.openRead(directory.join('a'));
    const reading = handle.read(0, 3);
    await Promise.all([handle.close(), handle.close()]);
    assert.is((await reading).bytes.toString(), 'abc');
    assert.is(await codeOf(handle.read(0, 1)), 'io_error');
    assert.equal(await descriptorsBelow(process.pid, directory.path), []);
  });
});

describe('writing a local file', (test) => {
  test('creates it, and appends in the order of the calls without waiting for each', async () => {
    await using directory = await temporaryDirectory();
    const content = contentOf(1_000_000);
    const handle = await files.openWrite(directory.join('a'));
    const writes: Promise<void>[] = [];
    for (let at = 0; at < content.length; at += 9_973) writes.push(handle.write(content.subarray(at, at + 9_973)));
    await Promise.all(writes);
    await handle.close();
    assert.ok((await readFile(directory.join('a'))).equals(content));
  });

  test('empties an existing file at once and leaves no tail of it', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), contentOf(100_000));
    await using handle = await files.openWrite(directory.join('a'));
    assert.is((await stat(directory.join('a'))).size, 0);
    await handle.write(Buffer.from('new'));
    assert.is(await readFile(directory.join('a'), 'utf8'), 'new');
  });

  test('keeps the inode, hard links and mode of an existing file', async () => {
    await using directory = await temporaryDirectory();
    const [path, other] = [directory.join('a'), directory.join('b')];
    await writeFile(path, 'long old content', { mode: 0o755 });
    await link(path, other);
    const before = await stat(path);
    await using handle = await files.openWrite(path);
    await handle.write(Buffer.from('new'));
    const after = await stat(path);
    assert.equal([after.ino, after.nlink, after.mode], [before.ino, 2, before.mode]);
    assert.is(await readFile(other, 'utf8'), 'new');
  });

  test('keeps extended attributes of an existing file', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('a');
    await writeFile(path, 'old');
    await run('setfattr', ['-n', 'user.codexfs', '-v', 'kept', path]);
    await (await files.openWrite(path)).close();
    const { stdout } = await run('getfattr', ['-n', 'user.codexfs', '--only-values', path]);
    assert.is(stdout, 'kept');
  });

  test('writes through a symbolic link', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), 'old');
    await symlink('a', directory.join('l'));
    await using handle = await files.openWrite(directory.join('l'));
    await handle.write(Buffer.from('new'));
    assert.is(await readFile(directory.join('a'), 'utf8'), 'new');
    assert.is((await files.stat(directory.join('l'))).isSymlink, true);
  });

  test('writes at any place, with zeros in the gaps', async () => {
    await using directory = await temporaryDirectory();
    await using handle = await files.openWrite(directory.join('a'));
    await Promise.all([
      handle.writeAt(4, Buffer.from('e')),
      handle.writeAt(0, Buffer.from('ab')),
      handle.writeAt(1, Buffer.from('B')),
    ]);
    assert.is(await readFile(directory.join('a'), 'latin1'), 'aB\0\0e');
  });

  test('waits in close for the writes under way', async () => {
    await using directory = await temporaryDirectory();
    const handle = await files.openWrite(directory.join('a'));
    void handle.write(contentOf(1_000_000));
    void handle.write(contentOf(1_000_000));
    await Promise.all([handle.close(), handle.close()]);
    assert.is((await stat(directory.join('a'))).size, 2_000_000);
    assert.is(await codeOf(handle.write(Buffer.from('late'))), 'io_error');
    assert.equal(await descriptorsBelow(process.pid, directory.path), []);
  });

  test('rejects every write behind one that failed, and writes nothing behind the hole', async () => {
    await using directory = await temporaryDirectory();
    const handle = await files.openWrite(directory.join('a'));
    await handle.write(Buffer.from('abc'));
    const failing = handle.writeAt(Number.MAX_SAFE_INTEGER, Buffer.from('x'));
    const later = [handle.write(Buffer.from('def')), handle.writeAt(0, Buffer.from('ghi'))];
    const error = await rejection(failing);
    for (const write of later) assert.is(await rejection(write), error);
    assert.is(await rejection(handle.write(Buffer.from('jkl'))), error);
    await handle.close();
    assert.is(await readFile(directory.join('a'), 'utf8'), 'abc');
  });
});

describe('opening what is no regular file', (test) => {
  test('is refused at once for a FIFO, with and without a peer', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('fifo');
    await run('mkfifo', [path]);
    assert.is(await codeOf(files.openRead(path)), 'not_regular_file');
    assert.is(await codeOf(files.openWrite(path)), 'not_regular_file');
    // Opened for reading and writing, a FIFO has both peers.
    const { open } = await import('node:fs/promises');
    const peer = await open(path, 'r+');
    assert.is(await codeOf(files.openRead(path)), 'not_regular_file');
    assert.is(await codeOf(files.openWrite(path)), 'not_regular_file');
    await peer.close();
    assert.equal(await descriptorsBelow(process.pid, directory.path), []);
  });

  test('is refused for a socket', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('s');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    assert.is(await codeOf(files.openRead(path)), 'not_regular_file');
    assert.is(await codeOf(files.openWrite(path)), 'not_regular_file');
    await new Promise((resolve) => server.close(resolve));
  });

  test('is refused for devices', async () => {
    for (const path of ['/dev/null', '/dev/full', '/dev/zero']) {
      assert.is(await codeOf(files.openRead(path)), 'not_regular_file');
      assert.is(await codeOf(files.openWrite(path)), 'not_regular_file');
    }
  });

  test('is refused for a directory', async () => {
    await using directory = await temporaryDirectory();
    for (const path of [directory.path, `${directory.path}/`]) {
      assert.is(await codeOf(files.openRead(path)), 'is_directory');
      assert.is(await codeOf(files.openWrite(path)), 'is_directory');
    }
    assert.equal(await descriptorsBelow(process.pid, directory.path), []);
  });
});

describe('a local path', (test) => {
  test('that is not there, or cannot be, is told by its code', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), '');
    await symlink('loop', directory.join('loop'));
    await symlink('nowhere', directory.join('dangling'));
    await mkdir(directory.join('full/below'), { recursive: true });
    const flat = { recursive: false, force: false };
    const table: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['not_found', () => files.openRead(directory.join('none'))],
      ['not_found', () => files.openRead('')],
      ['not_found', () => files.stat(directory.join('dangling'))],
      ['not_found', () => files.openWrite(directory.join('none/a'))],
      ['not_found', () => files.list(directory.join('none'))],
      ['not_found', () => files.remove(directory.join('none'), flat)],
      ['not_found', () => files.canonicalize(directory.join('none'))],
      ['not_directory', () => files.openRead(directory.join('a/b'))],
      ['not_directory', () => files.list(directory.join('a'))],
      ['symlink_loop', () => files.openRead(directory.join('loop'))],
      ['name_too_long', () => files.openWrite(directory.join('x'.repeat(300)))],
      ['already_exists', () => files.makeDirectory(directory.join('full'), { recursive: false })],
      ['directory_not_empty', () => files.remove(directory.join('full'), flat)],
      ['same_file', () => files.copyWithin(directory.join('a'), directory.join('a'))],
    ];
    for (const [code, attempt] of table) assert.is(await codeOf(attempt()), code);
  });

  test('with a NUL or half a character is refused by every method', async () => {
    for (const path of ['a\0b', '/tmp/\ud800', '\udc00']) {
      const attempts = [
        () => files.openRead(path),
        () => files.openWrite(path),
        () => files.stat(path),
        () => files.list(path),
        () => files.makeDirectory(path, { recursive: true }),
        () => files.remove(path, { recursive: true, force: true }),
        () => files.canonicalize(path),
        () => files.copyWithin(path, '/tmp/x'),
        () => files.copyWithin('/etc/hostname', path),
      ];
      for (const attempt of attempts) assert.is(await codeOf(attempt()), 'invalid_request');
    }
  });

  test('may hold blanks, line breaks and any characters', async () => {
    await using directory = await temporaryDirectory();
    const name = ` %41#?é✓😀\n-'"\\`;
    await using handle = await files.openWrite(directory.join(name));
    await handle.write(Buffer.from('x'));
    assert.equal(await files.list(directory.path), [{ name, kind: 'file', isSymlink: false }]);
    assert.is((await readAll(directory.join(name), 10)).content.toString(), 'x');
  });

  test('is listed with the kind of what it leads to', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('file'), '');
    await mkdir(directory.join('folder'));
    await run('mkfifo', [directory.join('fifo')]);
    for (const target of ['file', 'folder', 'fifo', 'nowhere']) await symlink(target, directory.join(`to-${target}`));
    const entries = await files.list(directory.path);
    assert.equal(Object.fromEntries(entries.map(({ name, kind }) => [name, kind])), {
      fifo: 'other',
      file: 'file',
      folder: 'directory',
      'to-fifo': 'other',
      'to-file': 'file',
      'to-folder': 'directory',
      'to-nowhere': 'other',
    });
  });

  test('whose name is not UTF-8 is listed as something that has no path', async () => {
    await using directory = await temporaryDirectory();
    for (const byte of [0xfe, 0xff]) {
      await writeFile(Buffer.concat([Buffer.from(`${directory.path}/a`), Buffer.from([byte])]), '');
    }
    const entry = { name: 'a\ufffd', kind: 'other', problem: 'its name is not UTF-8' };
    assert.equal(await files.list(directory.path), [entry, entry]);
  });

  test('is described as it is', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), 'abc', { mode: 0o640 });
    await symlink('a', directory.join('l'));
    const own = await stat(directory.join('a'), { bigint: true });
    const identity = { device: own.dev, inode: own.ino };
    const [direct, linked, folder] = await Promise.all(
      [directory.join('a'), directory.join('l'), directory.path].map((path) => files.stat(path)),
    );
    assert.equal([direct?.kind, direct?.isSymlink, direct?.sizeBytes, direct?.mode], ['file', false, 3, 0o640]);
    assert.equal(direct?.identity, identity);
    assert.equal({ ...linked, isSymlink: false }, { ...direct });
    assert.is(linked?.isSymlink, true);
    assert.is(folder?.kind, 'directory');
  });

  test('is not removed by a name that says directory where it is a file or a link', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.join('tree'));
    await writeFile(directory.join('file'), '');
    await symlink('tree', directory.join('link'));
    for (const name of ['file/', 'link/', 'link//']) {
      const removal = files.remove(`${directory.path}/${name}`, { recursive: true, force: true });
      assert.is((await rejection(removal, FileError)).code, 'not_directory', name);
    }
    await files.remove(`${directory.path}/tree/`, { recursive: true, force: false });
    assert.equal(await readdir(directory.path), ['file', 'link']);
  });

  test('is removed as what it is: a link without its target, a tree only on demand', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.join('tree/below'), { recursive: true });
    await writeFile(directory.join('tree/below/a'), '');
    await symlink('tree', directory.join('l'));
    await files.remove(directory.join('l'), { recursive: true, force: false });
    assert.equal(await readdir(directory.path), ['tree']);
    await files.remove(directory.join('none'), { recursive: false, force: true });
    await files.remove(directory.join('tree'), { recursive: true, force: false });
    assert.equal(await readdir(directory.path), []);
  });

  test('is copied within the host', async () => {
    await using directory = await temporaryDirectory();
    for (const size of [0, 1, 1_048_576, 1_048_577]) {
      await writeFile(directory.join('a'), contentOf(size));
      await files.copyWithin(directory.join('a'), directory.join('b'));
      assert.ok((await readFile(directory.join('b'))).equals(contentOf(size)));
    }
  });

  test('is not emptied by a copy onto itself, under any of its names', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), 'abc');
    await link(directory.join('a'), directory.join('hard'));
    await symlink('a', directory.join('soft'));
    for (const name of ['a', 'hard', 'soft', './a']) {
      assert.is(await codeOf(files.copyWithin(directory.join('a'), `${directory.path}/${name}`)), 'same_file');
    }
    assert.is(await readFile(directory.join('a'), 'utf8'), 'abc');
  });
});

// One file under two names, in every way that it can have them: it is refused or left as it is, and never emptied.

import { link, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import type { Endpoint } from '../../src/transfer/Endpoint.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, endpoint, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour } from '../helpers/simulatedFileSystem.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const chunkBytes = 1024;
const content = contentOf(20 * chunkBytes + 3);
const smallContent = contentOf(100);

/** What a server does not tell: it has no inodes, and the oldest neither sizes nor a way to follow links. */
const servers: Record<string, Behaviour> = {
  'that tells inodes': {},
  'without inodes': { hidesIdentity: true },
  'without inodes and sizes': { hidesIdentity: true, hidesSize: true },
  'that cannot follow links': { hidesIdentity: true, hidesSize: true, cannotCanonicalize: true },
};

/** Two views of one disk with a file at /d/a, a hard link, a symbolic link and a link to the directory. */
function oneDisk(behaviour: Behaviour, hosts: readonly [string, string], bytes = content) {
  const disk = new SimulatedDisk();
  disk.makeDirectory('/d', { recursive: true });
  disk.put('/d/a', bytes);
  disk.hardLink('/d/a', '/d/hard');
  disk.links.set('/d/soft', '/d/a');
  const from = serverOf(disk, hosts[0], { chunkBytes, ...behaviour });
  const to = serverOf(disk, hosts[1], { chunkBytes, ...behaviour });
  return { disk, from, to };
}

const names = ['/d/a', '/d/../d/./a', '/d/hard', '/d/soft'];

describe('one file on simulated servers', (test) => {
  for (const [title, behaviour] of Object.entries(servers)) {
    for (const hosts of [
      ['one', 'one'],
      ['one', 'two'],
    ] as const) {
      for (const name of names) {
        test(`keeps its content when it is copied to ${name}, through ${hosts.join(' and ')} ${title}`, async () => {
          const { disk, from, to } = oneDisk(behaviour, hosts);
          const copying = copyFile(from.at('/d/a'), to.at(name));
          const error = await copying.then(
            () => undefined,
            () => failureOf(copying),
          );
          assert.ok(disk.content('/d/a')?.equals(content), 'the content is gone');
          if (error === undefined) assert.is(to.system.countOf('openWrite'), 0, 'it was opened for writing');
          else assert.equal([error.code, error.partial], ['same_file', undefined]);
          const isSeen = behaviour.hidesIdentity !== true || !['/d/hard', '/d/soft'].includes(name);
          if (isSeen && hosts[1] === 'one') assert.ok(error !== undefined, 'what can be proven is refused');
          assert.equal(disk.directories, ['/d']);
          checkAtRest(from.system, to.system);
        });
      }
    }
  }

  test('keeps its content when it is small and cannot be told apart', async () => {
    const { disk, from, to } = oneDisk({ hidesIdentity: true }, ['one', 'one'], smallContent);
    await copyFile(from.at('/d/a'), to.at('/d/hard'));
    assert.ok(disk.content('/d/a')?.equals(smallContent));
  });

  test('keeps its content when nothing can be made where it lies, to see whether both see it', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'makeDirectory') throw new FileError('read_only_file_system', 'mkdir', path, 'read-only');
    };
    const { disk, from, to } = oneDisk({ hidesIdentity: true, before }, ['one', 'two']);
    assert.equal(await copyFile(from.at('/d/a'), to.at('/d/a')), { bytes: content.length });
    assert.is(to.system.countOf('openWrite'), 0);
    assert.ok(disk.content('/d/a')?.equals(content));
  });

  test('is not cut to a stretch of itself when it cannot be told apart', async () => {
    const { disk, from, to } = oneDisk({ hidesIdentity: true }, ['one', 'one']);
    const failure = await failureOf(copyFile(from.at('/d/a'), to.at('/d/hard'), { range: { start: 0 } }));
    assert.is(failure.code, 'same_file');
    assert.ok(disk.content('/d/a')?.equals(content));
  });

  test('is told of when it was emptied all the same, with nothing more written', async () => {
    const { disk, from } = oneDisk({}, ['one', 'two']);
    const blind = serverOf(disk, 'two', { chunkBytes });
    const to: Endpoint = { ...blind.at('/d/a'), fileSystem: Object.assign(blind.system, { stat: statOfAnother }) };
    const failure = await failureOf(copyFile(from.at('/d/a'), to));
    assert.is(failure.code, 'same_file');
    assert.is(disk.content('/d/a')?.length, 0);
  });
});

/** Facts that no file here has, as of a path that leads elsewhere by the time it is opened. */
async function statOfAnother() {
  const times = { createdAtMs: 0, modifiedAtMs: 5 };
  return { kind: 'file', isSymlink: false, sizeBytes: 1, mode: undefined, identity: undefined, ...times } as const;
}

describe('two files that look like one', (test) => {
  for (const [title, behaviour] of Object.entries(servers)) {
    test(`are copied on one server ${title}`, async () => {
      const { disk, from, to } = oneDisk(behaviour, ['one', 'one']);
      const other = disk.put('/d/b', contentOf(content.length, 5));
      other.modifiedAtMs = disk.file('/d/a').modifiedAtMs;
      assert.equal(await copyFile(from.at('/d/a'), to.at('/d/b')), { bytes: content.length });
      assert.ok(disk.content('/d/b')?.equals(content));
      assert.ok(disk.content('/d/a')?.equals(content));
    });
  }

  test('are copied again and again, though nothing changed', async () => {
    const { disk, from, to } = oneDisk({ hidesIdentity: true }, ['one', 'one']);
    for (let turn = 0; turn < 2; turn++) await copyFile(from.at('/d/a'), to.at('/d/b'));
    disk.file('/d/b').modifiedAtMs = disk.file('/d/a').modifiedAtMs;
    assert.equal(await copyFile(from.at('/d/a'), to.at('/d/b')), { bytes: content.length });
    assert.ok(disk.content('/d/b')?.equals(content));
  });

  test('are copied between hosts, where the same path is another file', async () => {
    const one = oneDisk({ hidesIdentity: true }, ['one', 'one']);
    const two = oneDisk({ hidesIdentity: true }, ['two', 'two'], contentOf(content.length, 5));
    two.disk.file('/d/a').modifiedAtMs = one.disk.file('/d/a').modifiedAtMs;
    await copyFile(one.from.at('/d/a'), two.to.at('/d/a'));
    assert.ok(two.disk.content('/d/a')?.equals(content));
    assert.equal(two.disk.directories, ['/d']);
  });

  test('are copied between hosts whose paths have not even the same form', async () => {
    const { disk } = oneDisk({}, ['one', 'one']);
    const before = ({ operation, path }: { operation: string; path: string }) => {
      if (operation === 'stat' && path !== '/d/a') throw new FileError('invalid_request', 'stat', path, 'no path here');
    };
    const from = serverOf(disk, 'one', { chunkBytes, hidesIdentity: true, before });
    const other = oneDisk({}, ['two', 'two'], contentOf(content.length, 5));
    other.disk.file('/d/a').modifiedAtMs = disk.file('/d/a').modifiedAtMs;
    await copyFile(from.at('/d/a'), other.to.at('/d/a'));
    assert.ok(other.disk.content('/d/a')?.equals(content));
  });
});

describe('one file on this host', (test) => {
  const local = new LocalFileSystem();
  const bytes = contentOf(3_000_000);

  /** A file and, from there, the name that it has for the copy's destination. */
  const spellings: Record<string, (directory: TemporaryDirectory) => Promise<string>> = {
    'its own path': async (directory) => directory.join('a'),
    'a path with dots': async (directory) => `${directory.path}/./x/../a`,
    'a path with doubled slashes': async (directory) => `${directory.path}//a`,
    'a relative path': async (directory) => `${'../'.repeat(30)}${directory.join('a').slice(1)}`,
    'a hard link': async (directory) => {
      await link(directory.join('a'), directory.join('hard'));
      return directory.join('hard');
    },
    'a symbolic link': async (directory) => {
      await symlink('a', directory.join('soft'));
      return directory.join('soft');
    },
    'a link to a link': async (directory) => {
      await symlink('a', directory.join('soft'));
      await symlink('soft', directory.join('softer'));
      return directory.join('softer');
    },
    'a path through a linked directory': async (directory) => {
      await symlink('.', directory.join('again'));
      return directory.join('again', 'a');
    },
  };

  for (const [title, spell] of Object.entries(spellings)) {
    test(`is not copied onto ${title}`, async () => {
      await using directory = await temporaryDirectory();
      await mkdir(directory.join('x'));
      await writeFile(directory.join('a'), bytes);
      const before = await stat(directory.join('a'));
      const name = await spell(directory);
      const copying = copyFile(endpoint(local, directory.join('a'), ''), endpoint(local, name, ''));
      assert.is((await failureOf(copying)).code, 'same_file');
      assert.ok((await readFile(directory.join('a'))).equals(bytes));
      assert.is((await stat(directory.join('a'))).mtimeMs, before.mtimeMs);
    });
  }

  test('may be copied onto another of the same size and time', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), bytes);
    await writeFile(directory.join('b'), contentOf(bytes.length, 6));
    for (const name of ['a', 'b']) await utimes(directory.join(name), 1000, 1000);
    await copyFile(endpoint(local, directory.join('a'), ''), endpoint(local, directory.join('b'), ''));
    assert.ok((await readFile(directory.join('b'))).equals(bytes));
    assert.equal((await readdir(directory.path)).sort(), ['a', 'b']);
  });
});

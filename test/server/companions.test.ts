// Facts, listings, directories, removal and copies on the host.

import { execFile } from 'node:child_process';
import { chmod, link, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { HostFileSystem } from '../../src/server/ServedFileSystem.js';
import { describe } from '../helpers/describe.js';
import type { RawClient } from '../helpers/rawClient.js';
import { servedClient } from '../helpers/servedClients.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Scene extends AsyncDisposable {
  readonly client: RawClient;
  readonly directory: TemporaryDirectory;
  at(name: string): string;
}

/** `a` is a file, `d` a tree, `to-a`, `to-d` and `nowhere` are links, `fifo` is one. */
async function scene(): Promise<Scene> {
  const directory = await temporaryDirectory();
  const at = (name: string) => directory.join(name);
  await writeFile(at('a'), 'hello');
  await mkdir(at('d/e'), { recursive: true });
  await writeFile(at('d/e/x'), '1');
  await symlink('..', at('d/up'));
  await symlink('a', at('to-a'));
  await symlink('d', at('to-d'));
  await symlink('gone', at('nowhere'));
  await promisify(execFile)('mkfifo', [at('fifo')]);
  const served = await servedClient('memory');
  return {
    client: served.client,
    directory,
    at,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const walkOptions = { maxDepth: 64, maxDirectories: 10_000, maxEntries: 50_000, followDirectorySymlinks: false };

async function walk(here: Scene, name: string, options: Partial<typeof walkOptions> = {}) {
  const { entries, ...rest } = await here.client.result<{
    entries: { path: string; kind: string }[];
    errors: unknown[];
    truncated: boolean;
  }>('fs/walk', { path: here.at(name), options: { ...walkOptions, ...options } });
  const names = entries.map(({ path, kind }) => path.slice(here.at(name).length + 1) + (kind === 'file' ? '' : '/'));
  return { names, ...rest };
}

describe('fs/getMetadata', (test) => {
  test('follows links and says whether the path is one', async () => {
    await using here = await scene();
    const kinds: unknown[] = [];
    for (const name of ['a', 'd', 'to-a', 'to-d', 'fifo']) {
      const { isFile, isDirectory, isSymlink } = await here.client.result('fs/getMetadata', { path: here.at(name) });
      kinds.push([name, isFile, isDirectory, isSymlink]);
    }
    assert.equal(kinds, [
      ['a', true, false, false],
      ['d', false, true, false],
      ['to-a', true, false, true],
      ['to-d', false, true, true],
      ['fifo', false, false, false],
    ]);
    assert.is(
      await here.client.refusal('fs/getMetadata', { path: here.at('nowhere') }),
      '-32004 No such file or directory (os error 2)',
    );
  });

  test('gives size and times as whole numbers', async () => {
    await using here = await scene();
    const facts = await here.client.result<Record<string, number>>('fs/getMetadata', { path: here.at('a') });
    assert.is(facts.size, 5);
    assert.ok(Number.isSafeInteger(facts.createdAtMs) && Number.isSafeInteger(facts.modifiedAtMs));
  });
});

describe('fs/readDirectory', (test) => {
  test('names what links lead to, and dangling ones as neither', async () => {
    await using here = await scene();
    const { entries } = await here.client.result<{ entries: { fileName: string }[] }>('fs/readDirectory', {
      path: here.directory.path,
    });
    const entry = (fileName: string, isDirectory: boolean, isFile: boolean) => ({ fileName, isDirectory, isFile });
    assert.equal(
      entries.sort((one, other) => (one.fileName < other.fileName ? -1 : 1)),
      [
        entry('a', false, true),
        entry('d', true, false),
        entry('fifo', false, false),
        entry('nowhere', false, false),
        entry('to-a', false, true),
        entry('to-d', true, false),
      ],
    );
    assert.is(
      await here.client.refusal('fs/readDirectory', { path: here.at('a') }),
      '-32603 Not a directory (os error 20)',
    );
  });

  test('tells names that no JSON text can hold as well as it can, as neither files nor directories', async () => {
    await using here = await scene();
    await writeFile(Buffer.concat([Buffer.from(here.at('d/')), Buffer.from([0xff])]), '');
    const { entries } = await here.client.result<{ entries: { fileName: string }[] }>('fs/readDirectory', {
      path: here.at('d'),
    });
    assert.equal(entries.map(({ fileName }) => fileName).sort(), ['e', 'up', '\ufffd']);
    const told = entries.find(({ fileName }) => fileName === '\ufffd');
    assert.equal(told, { fileName: '\ufffd', isDirectory: false, isFile: false });
    assert.is((await walk(here, 'd')).errors.length, 1);
  });
});

describe('fs/walk', (test) => {
  test('lists level by level and by name, without links and special files', async () => {
    await using here = await scene();
    assert.equal(await walk(here, ''), { names: ['a', 'd/', 'd/e/', 'd/e/x'], errors: [], truncated: false });
  });

  test('follows links to directories if asked to, each directory once', async () => {
    await using here = await scene();
    const { names, truncated } = await walk(here, '', { followDirectorySymlinks: true });
    assert.equal(names, ['a', 'd/', 'to-d/', 'd/e/', 'd/up/', 'd/e/x']);
    assert.is(truncated, false);
    assert.equal((await walk(here, 'to-d')).names, []);
    assert.equal((await walk(here, 'to-d', { followDirectorySymlinks: true, maxDepth: 0 })).names, ['e/', 'up/']);
  });

  test('goes no deeper than maxDepth, which is no truncation', async () => {
    await using here = await scene();
    assert.equal(await walk(here, '', { maxDepth: 0 }), { names: ['a', 'd/'], errors: [], truncated: false });
    assert.equal((await walk(here, '', { maxDepth: 1 })).names, ['a', 'd/', 'd/e/']);
  });

  test('says when maxEntries or maxDirectories kept something out', async () => {
    await using here = await scene();
    assert.equal(await walk(here, '', { maxEntries: 2 }), { names: ['a', 'd/'], errors: [], truncated: true });
    assert.equal(await walk(here, '', { maxDirectories: 1 }), { names: ['a', 'd/'], errors: [], truncated: true });
    assert.equal((await walk(here, '', { maxDirectories: 3 })).truncated, false);
  });

  test('refuses limits of zero and beyond the maximums', async () => {
    await using here = await scene();
    const refusal = (options: object) =>
      here.client.refusal('fs/walk', { path: here.at('d'), options: { ...walkOptions, ...options } });
    assert.is(await refusal({ maxEntries: 0 }), '-32600 filesystem walk limits must be greater than zero');
    assert.match(await refusal({ maxDepth: 65 }), /^-32600 filesystem walk limits exceed maximums: depth=64,/);
  });

  test('answers URIs when asked with one', async () => {
    await using here = await scene();
    const { entries } = await here.client.result<{ entries: { path: string }[] }>('fs/walk', {
      path: `file://${here.at('d')}`,
      options: walkOptions,
    });
    assert.is(entries[0]?.path, `file://${here.at('d/e')}`);
  });
});

describe('fs/createDirectory and fs/remove', (test) => {
  test('make and remove trees unless told not to', async () => {
    await using here = await scene();
    const { client } = here;
    await client.result('fs/createDirectory', { path: here.at('n/m/o') });
    await client.result('fs/createDirectory', { path: here.at('n/m'), recursive: true });
    assert.is(
      await client.refusal('fs/createDirectory', { path: here.at('n'), recursive: false }),
      '-32603 File exists (os error 17)',
    );
    assert.is(
      await client.refusal('fs/remove', { path: here.at('n'), recursive: false }),
      '-32603 Directory not empty (os error 39)',
    );
    await client.result('fs/remove', { path: here.at('n') });
    await client.result('fs/remove', { path: here.at('n') });
    assert.is(
      await client.refusal('fs/remove', { path: here.at('n'), force: false }),
      '-32004 No such file or directory (os error 2)',
    );
  });

  test('remove a link and not what it leads to', async () => {
    await using here = await scene();
    await here.client.result('fs/remove', { path: here.at('to-d') });
    assert.equal((await readdir(here.at('d'))).sort(), ['e', 'up']);
  });
});

describe('fs/walk, where something cannot be looked at', (test) => {
  /** This host's files, with a directory that cannot be listed and one that cannot be looked at. */
  class ShutFileSystem extends HostFileSystem {
    override async list(path: string) {
      if (path.endsWith('/shut'))
        throw new FileError('permission_denied', 'list', path, 'Permission denied (os error 13)');
      return super.list(path);
    }

    override async ownInfo(path: string) {
      if (path.endsWith('/odd')) throw new FileError('io_error', 'stat', path, 'Input/output error (os error 5)');
      return super.ownInfo(path);
    }
  }

  test('tells the rest, and what failed beside it; the root’s failure is the answer', async () => {
    await using directory = await temporaryDirectory();
    for (const name of ['shut', 'open']) await mkdir(directory.join(name));
    for (const name of ['open/z', 'open/a', 'odd', 'shut/x']) await writeFile(directory.join(name), '');
    await using served = await servedClient('memory', { fileSystem: new ShutFileSystem() });
    const { path } = directory;
    const { entries, errors } = await served.client.result('fs/walk', { path, options: walkOptions });
    assert.equal(entries, [
      { path: `${path}/open`, kind: 'directory' },
      { path: `${path}/shut`, kind: 'directory' },
      { path: `${path}/open/a`, kind: 'file' },
      { path: `${path}/open/z`, kind: 'file' },
    ]);
    assert.equal(errors, [
      { path: `${path}/odd`, message: 'Input/output error (os error 5)' },
      { path: `${path}/shut`, message: 'Permission denied (os error 13)' },
    ]);
    const root = { path: directory.join('shut'), options: walkOptions };
    assert.match(await served.client.refusal('fs/walk', root), /Permission denied/);
  });
});

describe('fs/copy', (test) => {
  const copy = (here: Scene, from: string, to: string, recursive = false) =>
    here.client.call('fs/copy', { sourcePath: here.at(from), destinationPath: here.at(to), recursive });

  test('copies a file with its permission bits, and overwrites in place', async () => {
    await using here = await scene();
    await chmod(here.at('a'), 0o755);
    assert.equal((await copy(here, 'a', 'b')).result, {});
    assert.is((await lstat(here.at('b'))).mode & 0o777, 0o755);
    await chmod(here.at('b'), 0o600);
    assert.equal((await copy(here, 'a', 'b')).result, {});
    assert.is((await lstat(here.at('b'))).mode & 0o777, 0o600);
  });

  test('refuses a file onto itself by any name, and leaves it as it is', async () => {
    await using here = await scene();
    await link(here.at('a'), here.at('hard'));
    for (const to of ['a', 'd/up/a', 'hard', 'to-a']) {
      assert.equal((await copy(here, 'a', to)).error, {
        code: -32600,
        message: 'source and destination are the same file',
      });
    }
    assert.equal((await copy(here, 'to-a', 'to-a')).error?.code, -32600);
    assert.is(await readFile(here.at('a'), 'utf8'), 'hello');
  });

  test('copies a link as a link', async () => {
    await using here = await scene();
    for (const name of ['to-a', 'nowhere']) {
      assert.equal((await copy(here, name, `${name}-copy`)).result, {});
      assert.is(await readlink(here.at(`${name}-copy`)), await readlink(here.at(name)));
    }
  });

  test('copies a tree, and into a directory that is there its entries', async () => {
    await using here = await scene();
    await mkdir(here.at('there'));
    await writeFile(here.at('there/kept'), '');
    for (const to of ['new/deep', 'there']) {
      assert.equal((await copy(here, 'd', to, true)).result, {});
      assert.is(await readFile(here.at(`${to}/e/x`), 'utf8'), '1');
      assert.is(await readlink(here.at(`${to}/up`)), '..');
    }
    assert.equal((await readdir(here.at('there'))).sort(), ['e', 'kept', 'up']);
  });

  test('refuses a directory without recursive, one into itself, and special files', async () => {
    await using here = await scene();
    const refusals = [
      [await copy(here, 'd', 'x'), 'fs/copy requires recursive: true when sourcePath is a directory'],
      [await copy(here, 'd', 'd/e/x/y', true), 'fs/copy cannot copy a directory to itself or one of its descendants'],
      [await copy(here, 'd', 'd', true), 'fs/copy cannot copy a directory to itself or one of its descendants'],
      [
        await copy(here, 'd', 'to-d/e/new', true),
        'fs/copy cannot copy a directory to itself or one of its descendants',
      ],
      [await copy(here, 'fifo', 'x'), 'fs/copy only supports regular files, directories, and symlinks'],
    ] as const;
    for (const [answer, message] of refusals) assert.equal(answer.error, { code: -32600, message });
    assert.is((await copy(here, 'gone', 'x')).error?.code, -32004);
    assert.is((await copy(here, 'a', 'd')).error?.code, -32603);
    assert.is((await copy(here, 'to-a', 'a/b')).error?.message, 'Not a directory (os error 20)');
  });

  test('refuses to copy what has a name that it could not tell', async () => {
    await using here = await scene();
    await writeFile(Buffer.concat([Buffer.from(here.at('d/e/')), Buffer.from([0xff])]), '');
    const { error } = await copy(here, 'd', 'new', true);
    assert.match(error?.message ?? '', /^an entry cannot be copied: /);
  });
});

describe('paths', (test) => {
  test('come back in the form they were asked in', async () => {
    await using here = await scene();
    const name = 'a name% #?é✓\n\\';
    await writeFile(here.at(name), '');
    const encoded = encodeURIComponent(name);
    const { path: uri } = await here.client.result('fs/canonicalize', {
      path: `file://${here.directory.path}/${encoded}`,
    });
    assert.is(decodeURIComponent(String(uri)), `file://${here.at(name)}`);
    assert.is((await here.client.result('fs/canonicalize', { path: here.at(name) })).path, here.at(name));
    assert.is((await here.client.result('fs/canonicalize', { path: here.at('d/up/to-a') })).path, here.at('a'));
  });

  test('that are no absolute path of this host are refused', async () => {
    await using here = await scene();
    for (const path of [
      'a',
      '',
      '.',
      'http://x/y',
      'file://host/x',
      'file:///a?b',
      'file:///a#b',
      'file:///a%2Fb',
      'file:///a%00b',
      'file:///a%FFb',
      'file:///a\\..\\b',
      'file:///a\n/b',
      '/a\0b',
      '/a\ud800',
      'file:///a\ud800',
      5,
      null,
      undefined,
    ]) {
      const { error } = await here.client.call('fs/canonicalize', { path });
      assert.is(error?.code, -32602, JSON.stringify(path));
    }
    assert.is(
      (await here.client.call('fs/canonicalize', { path: `/${'x'.repeat(5000)}` })).error?.message,
      'File name too long (os error 36)',
    );
  });
});

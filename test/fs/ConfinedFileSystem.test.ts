// The destination of a tree: what is planted below it beforehand leads nowhere, held or looked at, and it does what a plain
// file system does otherwise.

import { chmod, link, lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { CheckedDirectories } from '../../src/fs/CheckedDirectories.js';
import { ConfinedFileSystem } from '../../src/fs/ConfinedFileSystem.js';
import { HeldDirectories } from '../../src/fs/HeldDirectories.js';
import { describe, rejection } from '../helpers/describe.js';
import { descriptorsBelow } from '../helpers/processes.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Scene extends AsyncDisposable {
  readonly system: ConfinedFileSystem;
  in(name: string): string;
  out(name: string): string;
}

type Mechanism = (root: string) => ConstructorParameters<typeof ConfinedFileSystem>[1];

/** `root/d/x` and `outside/secret`, with links out of the root planted in it. */
async function scene(mechanism: Mechanism): Promise<Scene> {
  const place = await temporaryDirectory();
  const inside = (name: string) => place.join('root', name);
  const outside = (name: string) => place.join('outside', name);
  await mkdir(inside('d'), { recursive: true });
  await mkdir(outside('sub'), { recursive: true });
  await writeFile(inside('d/x'), 'x');
  await writeFile(outside('secret'), 'secret');
  await symlink(outside(''), inside('parent'));
  await symlink(outside('secret'), inside('leaf'));
  await symlink(outside('none'), inside('dangling'));
  await symlink('d', inside('to-d'));
  const system = new ConfinedFileSystem(inside(''), mechanism(inside('')));
  return {
    system,
    in: inside,
    out: outside,
    async [Symbol.asyncDispose]() {
      await system[Symbol.asyncDispose]();
      assert.equal(await descriptorsBelow(process.pid, place.path), []);
      await place[Symbol.asyncDispose]();
    },
  };
}

async function put(system: ConfinedFileSystem, path: string, text: string): Promise<void> {
  await using file = await system.openWrite(path);
  await file.write(Buffer.from(text));
  await file.close();
}

const mechanisms: Record<string, Mechanism> = {
  held: (root) => new HeldDirectories(root, { maxHeld: 2 }),
  checked: (root) => new CheckedDirectories(root),
};

for (const [name, mechanism] of Object.entries(mechanisms)) {
  describe(`a confined file system whose directories are ${name}`, (test) => {
    test('writes, reads, lists, renames and removes below its root', async () => {
      await using here = await scene(mechanism);
      const { system } = here;
      await system.makeDirectory(here.in('a/b/c'), { recursive: true });
      await system.makeDirectory(here.in('a/b/c'), { recursive: true });
      for (const path of ['a/one', 'a/b/two', 'a/b/c/three', 'd/four']) await put(system, here.in(path), path);
      await system.rename(here.in('a/b/two'), here.in('a/two'));
      await system.setAttributes(here.in('a/two'), { mode: 0o640, modifiedAtMs: 1_000_000_000_000 });
      await system.copyWithin(here.in('a/two'), here.in('a/copy'));
      assert.is(await readFile(here.in('a/copy'), 'utf8'), 'a/b/two');
      const { mode, mtimeMs } = await stat(here.in('a/two'));
      assert.equal([mode & 0o777, mtimeMs], [0o640, 1_000_000_000_000]);
      assert.equal((await system.list(here.in('a'))).map((entry) => `${entry.kind} ${entry.name}`).sort(), [
        'directory b',
        'file copy',
        'file one',
        'file two',
      ]);
      assert.equal(await system.stat(here.in('d/four')).then((info) => [info.kind, info.sizeBytes]), ['file', 6]);
      assert.is(await system.canonicalize(here.in('d/four')), here.in('d/four'));
      await using reading = await system.openRead(here.in('a/b/c/three'));
      assert.is((await reading.read(0, 100)).bytes.toString(), 'a/b/c/three');
      await system.remove(here.in('a'), { recursive: true, force: false });
      await system.remove(here.in('a'), { recursive: true, force: true });
      assert.equal((await readdir(here.in(''))).sort(), ['d', 'dangling', 'leaf', 'parent', 'to-d']);
    });

    test('follows no link that was planted, wherever it leads', async () => {
      await using here = await scene(mechanism);
      const { system } = here;
      for (const path of ['leaf', 'dangling', 'parent', 'parent/new', 'parent/sub/new', 'to-d/x']) {
        const at = here.in(path);
        const attempts: Record<string, () => Promise<unknown>> = {
          openWrite: () => system.openWrite(at),
          openAppend: () => system.openAppend(at, 6),
          openRead: () => system.openRead(at),
          makeDirectory: () => system.makeDirectory(at, { recursive: true }),
          setAttributes: () => system.setAttributes(at, { mode: 0o777 }),
          canonicalize: () => system.canonicalize(at),
          copyFrom: () => system.copyWithin(at, here.in('stolen')),
          list: () => system.list(at),
        };
        for (const [operation, attempt] of Object.entries(attempts)) {
          const error = await rejection(attempt(), FileError);
          assert.equal([operation, error.code, error.path], [operation, 'refused', at]);
          assert.match(error.message, /^is a symbolic link/);
        }
        assert.is((await rejection(system.copyWithin(here.in('d/x'), at), FileError)).code, 'refused');
      }
      assert.equal((await readdir(here.out(''))).sort(), ['secret', 'sub']);
      assert.equal(await readdir(here.out('sub')), []);
      assert.is(await readFile(here.out('secret'), 'utf8'), 'secret');
      assert.is(await readFile(here.in('d/x'), 'utf8'), 'x');
    });

    test('removes and renames a link itself', async () => {
      await using here = await scene(mechanism);
      await here.system.rename(here.in('d/x'), here.in('leaf'));
      await here.system.remove(here.in('parent'), { recursive: true, force: false });
      assert.equal([(await lstat(here.in('leaf'))).isFile(), await readdir(here.out(''))], [true, ['secret', 'sub']]);
    });

    test('says of a link only that it is one', async () => {
      await using here = await scene(mechanism);
      for (const path of ['leaf', 'parent', 'dangling']) {
        const { kind, isSymlink } = await here.system.stat(here.in(path));
        assert.equal([kind, isSymlink], ['other', true]);
      }
    });

    test('takes the links of the operand itself, and none that it was not given', async () => {
      await using here = await scene(mechanism);
      const operand = here.in('to-d');
      await using system = new ConfinedFileSystem(operand, mechanism(operand));
      await put(system, here.in('to-d/y'), 'y');
      assert.is(await readFile(here.in('d/y'), 'utf8'), 'y');
      assert.is(await system.canonicalize(here.in('to-d/y')), here.in('d/y'));
      assert.is((await system.stat(here.in('d/y'))).kind, 'file');
    });

    test('writes nothing outside, and looks there', async () => {
      await using here = await scene(mechanism);
      const { system } = here;
      for (const path of [here.out('new'), here.in('../outside/new'), here.in('../rootless')]) {
        assert.is((await rejection(system.openWrite(path), FileError)).code, 'refused');
        assert.is((await rejection(system.makeDirectory(path, { recursive: true }), FileError)).code, 'refused');
        assert.is((await rejection(system.rename(here.in('d/x'), path), FileError)).code, 'refused');
      }
      assert.is((await system.stat(here.out('secret'))).kind, 'file');
      const removal = system.remove(here.in(''), { recursive: true, force: true });
      assert.is((await rejection(removal, FileError)).code, 'refused');
    });

    test('keeps the words of the system for what is no link', async () => {
      await using here = await scene(mechanism);
      const { system } = here;
      const codeOf = async (work: Promise<unknown>) => (await rejection(work, FileError)).code;
      assert.is(await codeOf(system.openWrite(here.in('none/x'))), 'not_found');
      assert.is(await codeOf(system.openWrite(here.in('d/x/y'))), 'not_directory');
      assert.is(await codeOf(system.openWrite(here.in('d'))), 'is_directory');
      assert.is(await codeOf(system.makeDirectory(here.in('d/x'), { recursive: true })), 'already_exists');
      assert.is(await codeOf(system.makeDirectory(here.in('d/a\0b'), { recursive: true })), 'invalid_request');
    });
  });
}

describe('held directories', (test) => {
  test('stay what they were when their names are swapped for links', async () => {
    await using here = await scene((root) => new HeldDirectories(root));
    await put(here.system, here.in('d/before'), '');
    await rename(here.in('d'), here.in('moved'));
    await symlink(here.out(''), here.in('d'));
    await put(here.system, here.in('d/after'), '');
    assert.equal((await readdir(here.in('moved'))).sort(), ['after', 'before', 'x']);
    assert.equal((await readdir(here.out(''))).sort(), ['secret', 'sub']);
  });

  test('are few, whatever the tree', async () => {
    await using place = await temporaryDirectory();
    const held = new HeldDirectories(place.path, { maxHeld: 3 });
    await using system = new ConfinedFileSystem(place.path, held);
    for (let index = 0; index < 20; index++) await system.makeDirectory(place.join(`d${index}/e`), { recursive: true });
    await Promise.all(Array.from({ length: 20 }, (_, index) => put(system, place.join(`d${index}/e/x`), 'x')));
    assert.ok(held.heldCount <= 3, `${held.heldCount} held`);
  });

  test('may be passed through without permission to read them', async () => {
    await using here = await scene((root) => new HeldDirectories(root));
    await chmod(here.in('d'), 0o300);
    await put(here.system, here.in('d/y'), 'y');
    await chmod(here.in('d'), 0o700);
    await link(here.in('d/y'), here.in('y'));
  });
});

describe('checked directories', (test) => {
  test('notice after an open that its name was swapped', async () => {
    await using here = await scene((root) => new CheckedDirectories(root));
    const checked = new CheckedDirectories(here.in(''));
    await checked.confirm(here.in('d/x'), await stat(here.in('d/x')));
    const error = await rejection(checked.confirm(here.in('d/x'), await stat(here.out('secret'))), FileError);
    assert.is(error.code, 'refused');
  });
});

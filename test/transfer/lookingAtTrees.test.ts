// Trees as those who look at them see them: removed entry by entry, read into memory, and laid side by side.

import { symlink } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { CancelledError, type CodexfsError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { pairsOf } from '../../src/transfer/compareTrees.js';
import type { Endpoint } from '../../src/transfer/Endpoint.js';
import { readTree, type TreeNode } from '../../src/transfer/readTree.js';
import { removeTree } from '../../src/transfer/removeTree.js';
import { describe, rejection } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';

/** Refuses to remove the paths that end in one of `held`, and every tree as a whole where there are some. */
class StubbornFileSystem extends LocalFileSystem {
  readonly log: string[] = [];
  readonly #held: readonly string[];

  constructor(held: readonly string[]) {
    super();
    this.#held = held;
  }

  override async remove(
    path: string,
    options: { readonly recursive: boolean; readonly force: boolean },
  ): Promise<void> {
    this.log.push(path);
    const isHeld = this.#held.some((end) => path.endsWith(end));
    if (isHeld) throw new FileError('permission_denied', 'remove', path, 'permission denied');
    await super.remove(path, options);
  }
}

function endpointOf(fileSystem: LocalFileSystem, path: string): Endpoint {
  return { fileSystem, path, shown: 'T', host: 'here' };
}

/** What became of removing `tree`, of which `held` cannot be removed. */
async function removal(tree: Record<string, string>, held: readonly string[], isEntryByEntry: boolean) {
  await using place = await temporaryDirectory();
  await makeTree(place.join('t'), tree);
  await symlink('..', place.join('t', 'up'));
  const system = new StubbornFileSystem(held);
  const told: string[] = [];
  await removeTree(endpointOf(system, place.join('t')), {
    isEntryByEntry,
    onRemoved: ({ shown }) => told.push(shown),
    onFailed: ({ shown }, { code }) => told.push(`${shown}: ${code}`),
  });
  return { told, left: await treeOf(place.path), requests: system.log.length };
}

describe('removeTree', (test) => {
  test('asks for one removal', async () => {
    const outcome = await removal({ 'd/a': '', b: '' }, [], false);
    assert.equal(outcome, { told: ['T'], left: {}, requests: 1 });
  });

  test('tells each entry when it is asked to, contents before their directory', async () => {
    const { told, left } = await removal({ 'd/a': '', b: '' }, [], true);
    assert.equal([told.slice(0, 3).sort(), told.slice(3), left], [['T/b', 'T/d/a', 'T/up'], ['T/d', 'T'], {}]);
  });

  test('removes what can go and tells what cannot, without the directories that only hold it', async () => {
    const { told, left } = await removal({ 'd/e/a': 'A', 'd/b': '', 'f/c': '' }, ['/t', '/a'], false);
    const failures = told.filter((line) => line.includes(':'));
    assert.equal(failures, ['T/d/e/a: permission_denied']);
    assert.equal(left, { 't/': '', 't/d/': '', 't/d/e/': '', 't/d/e/a': 'A' });
  });

  test('removes with its contents what cannot be listed', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.join('t'), { 'd/a': '', b: '' });
    const system = new StubbornFileSystem([]);
    const list = system.list.bind(system);
    system.list = async (path) => {
      if (path.endsWith('/d')) throw new FileError('permission_denied', 'list', path, 'permission denied');
      return list(path);
    };
    const told: string[] = [];
    await removeTree(endpointOf(system, place.join('t')), {
      isEntryByEntry: true,
      onRemoved: ({ shown }) => told.push(shown),
      onFailed: ({ shown }, { code }) => told.push(`${shown}: ${code}`),
    });
    assert.equal([told, await treeOf(place.path)], [['T/b', 'T/d', 'T'], {}]);
  });

  for (const isEntryByEntry of [true, false]) {
    test(`ends when the server is lost, ${isEntryByEntry ? 'entry by entry' : 'at once'}`, async () => {
      await using place = await temporaryDirectory();
      await makeTree(place.join('t'), { a: '' });
      const system = new StubbornFileSystem([]);
      system.remove = async () => {
        throw new ConnectionClosedError('the line was cut');
      };
      const options = { isEntryByEntry, onRemoved: () => assert.unreachable(), onFailed: () => assert.unreachable() };
      await rejection(removeTree(endpointOf(system, place.join('t')), options), ConnectionClosedError);
    });
  }

  test('stops when it is cancelled, and removes nothing more', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.join('t'), { a: '', b: '' });
    const controller = new AbortController();
    controller.abort(new CancelledError());
    const system = new StubbornFileSystem([]);
    const options = { isEntryByEntry: true, signal: controller.signal, onRemoved: () => {}, onFailed: () => {} };
    await rejection(removeTree(endpointOf(system, place.join('t')), options), CancelledError);
    assert.equal([system.log, await treeOf(place.path)], [[], { 't/': '', 't/a': '', 't/b': '' }]);
  });
});

async function read(path: string, problems: string[] = []): Promise<TreeNode> {
  return readTree(endpointOf(new LocalFileSystem(), path), {
    links: 'follow',
    wantsInfo: (kind) => kind === 'file',
    onProblem: ({ code }, names) => problems.push(`${names.join('/')}: ${code}`),
  });
}

function drawn({ name, kind, info, children }: TreeNode): string {
  const size = info === undefined ? '' : `=${info.sizeBytes}`;
  return kind === 'directory' ? `${name}(${children.map(drawn).join(' ')})` : `${name}:${kind}${size}`;
}

describe('readTree', (test) => {
  test('holds all of a tree, sorted, with facts where they are wanted', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.path, { 'd/b': 'bb', 'd/a': '', c: 'c', 'e/': '' });
    await symlink('nowhere', place.join('d', 'dangling'));
    await symlink('..', place.join('d', 'up'));
    const problems: string[] = [];
    assert.is(drawn(await read(place.path, problems)), '(c:file=1 d(a:file=0 b:file=2 dangling:link up:link) e())');
    assert.equal(problems, ['d/up: symlink_loop']);
  });
});

describe('readTree, where facts cannot be had', (test) => {
  const reading = async (failure: CodexfsError) => {
    await using place = await temporaryDirectory();
    await makeTree(place.path, { a: 'a', b: 'bb' });
    const system = new LocalFileSystem();
    const stat = system.stat.bind(system);
    system.stat = async (path) => {
      if (path.endsWith('/a')) throw failure;
      return stat(path);
    };
    const problems: string[] = [];
    const tree = await readTree(endpointOf(system, place.path), {
      links: 'follow',
      wantsInfo: () => true,
      onProblem: ({ code }, names) => problems.push(`${names.join('/')}: ${code}`),
    });
    return { shown: drawn(tree), problems };
  };

  for (const [code, problems] of [
    ['permission_denied', ['a: permission_denied']],
    ['not_found', []],
  ] as const) {
    test(`holds the entry without them, and tells of ${code} ${problems.length} times`, async () => {
      const failure = new FileError(code, 'stat', '/a', 'no');
      assert.equal(await reading(failure), { shown: '(a:file b:file=2)', problems });
    });
  }

  test('ends when the server is lost', async () => {
    await rejection(reading(new ConnectionClosedError('the line was cut')), ConnectionClosedError);
  });
});

describe('pairsOf', (test) => {
  test('lays two trees side by side, in the order of names', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.join('a'), { 'both/x': '', 'both/mine': '', kind: '', 'only/a/b': '' });
    await makeTree(place.join('b'), { 'both/x': '', 'both/yours': '', 'kind/': '', Z: '' });
    const pairs = [...pairsOf(await read(place.join('a')), await read(place.join('b')))];
    const shown = pairs.map((pair) => {
      const node = pair.type === 'onlySecond' ? pair.second : pair.first;
      return `${pair.type} ${node.names.join('/')}`;
    });
    assert.equal(shown, [
      'onlySecond Z',
      ...['both both', 'onlyFirst both/mine', 'both both/x', 'onlySecond both/yours', 'both kind', 'onlyFirst only'],
    ]);
  });
});

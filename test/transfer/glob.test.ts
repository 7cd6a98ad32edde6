// Patterns in paths, beside bash: the same words come out of both.

import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { type CodexfsError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { expandBraces } from '../../src/transfer/braces.js';
import { expandGlob } from '../../src/transfer/glob.js';
import { describe, rejection } from '../helpers/describe.js';
import { NoticedFileSystem } from '../helpers/noticedFileSystem.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import { SimulatedFileSystem } from '../helpers/simulatedFileSystem.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree } from '../helpers/treeOf.js';

const tree = {
  'a.txt': '',
  'b.txt': '',
  'c.log': '',
  '.hidden': '',
  'a(1).txt': '',
  'a+b': '',
  'x|y': '',
  '!bang': '',
  'two words.txt': '',
  'new\nline.txt': '',
  '*': 'a file of that name',
  'q[1]/in.txt': '',
  'q1/in.txt': '',
  'back\\slash': '',
  '.dot/seen.txt': '',
  'd/a.txt': '',
  'd/.hidden.txt': '',
  'd/e/deep.txt': '',
  'd/e/f/deeper.txt': '',
  'd/.git/config.txt': '',
  'g/e/other.log': '',
};

/** Patterns as bash has them too, quotes left out. */
const patterns = [
  '*.txt',
  '?.txt',
  '[ab].txt',
  '[!a].txt',
  '[^a].*',
  '[[:alpha:]].log',
  '[a-c].txt',
  '[]a]*',
  '.*den',
  '.dot/*',
  '*/',
  '*/*.txt',
  './*.log',
  'd/../*.log',
  'd//e/*',
  '*/e/*',
  '*/e',
  '*/a.txt',
  '*/a.txt/',
  '*/e/',
  '{a,b}.txt',
  '{b,a,none}.txt',
  '{a,{b,c}}.*',
  '{d/e,g/e}/*',
  'x{a}*',
  '{a,*',
  '**/*.txt',
  '**/deep*',
  'd/**/*.txt',
  '**/e/*',
  '**/',
  'a(1)*',
  'a+*',
  'x|*',
  '!*',
  'two*',
  '\\*',
  'back\\\\*',
  '*.none',
  'none/*',
  'a.txt/*',
  '[z-a]*',
  '[*',
  '***.txt',
  'd/e*/f/*',
];

async function byBash(pattern: string, cwd: string): Promise<string[]> {
  // What quotes nothing but blanks and what bash itself would take for more than a pattern.
  const word = pattern.replaceAll(/[()| ]/g, (sign) => `\\${sign}`);
  const script = `shopt -s globstar; printf '%s\\0' ${word}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd, env: { ...process.env, LC_ALL: 'C' } });
  return stdout.split('\0').slice(0, -1);
}

async function paths(pattern: string): Promise<string[]> {
  return (await expandGlob(new LocalFileSystem(), pattern, {})).map(({ path }) => path);
}

describe('a pattern in a path', (test) => {
  test(`stands for what bash makes of it, ${patterns.length} patterns`, async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.path, tree);
    const before = process.cwd();
    process.chdir(place.path);
    try {
      for (const pattern of patterns) assert.equal(await paths(pattern), await byBash(pattern, place.path), pattern);
    } finally {
      process.chdir(before);
    }
  });

  test('is the name of what exists under it', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.path, { ...tree, '{a,b}.txt': '', 'q[1].txt': '', 'q1.txt': '' });
    for (const name of ['*', '{a,b}.txt', 'q[1].txt']) assert.equal(await paths(place.join(name)), [place.join(name)]);
    assert.equal(await paths(place.join('q[1]', '*')), [place.join('q[1]', 'in.txt')]);
  });

  test('that matches nothing is a path that is not found', async () => {
    await using place = await temporaryDirectory();
    const [match, ...rest] = await expandGlob(new LocalFileSystem(), place.join('*.txt'), {});
    assert.equal([match?.error?.code, rest], ['not_found', []]);
    assert.match(match?.error?.message ?? '', 'nothing matches');
  });

  test('with braces leaves a missing file to be missed, as a shell does', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.path, { 'a.txt': '' });
    const matches = await expandGlob(new LocalFileSystem(), place.join('{a,b}.txt'), {});
    assert.equal(matches, [{ path: place.join('a.txt') }, { path: place.join('b.txt') }]);
  });

  test('with ** passes loops by and looks into links', async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.path, { 'd/a.txt': '', 'far/b.txt': '' });
    await symlink('.', place.join('d', 'loop'));
    await symlink('../far', place.join('d', 'far'));
    assert.equal(await paths(place.join('d/**/*.txt')), [place.join('d/a.txt'), place.join('d/far/b.txt')]);
  });

  test('with ** reports what it cannot look into, and stops where the server is lost', async () => {
    const disk = new SimulatedDisk();
    for (const path of ['/w', '/w/open', '/w/shut']) disk.makeDirectory(path, { recursive: true });
    disk.put('/w/open/a.txt', Buffer.alloc(0));
    let failure: CodexfsError = new FileError('permission_denied', 'list', '/w/shut', 'permission denied');
    const system = new SimulatedFileSystem(disk, {
      before: ({ operation, path }) => {
        if (operation === 'list' && path === '/w/shut') throw failure;
      },
    });
    const matches = await expandGlob(system, '/w/**', {});
    assert.equal(
      matches.map(({ path, error }) => [path, error?.code]),
      [
        ['/w/open', undefined],
        ['/w/open/a.txt', undefined],
        ['/w/shut', undefined],
        ['/w/shut', 'permission_denied'],
      ],
    );
    failure = new ConnectionClosedError('the line was cut');
    for (const pattern of ['/w/**', '/w/*/*.txt']) {
      await rejection(expandGlob(system, pattern, {}), ConnectionClosedError);
    }
  });

  test('passes by a name that a server made up, and says so', async () => {
    const system = new NoticedFileSystem('posix', [
      { name: 'a.txt', kind: 'file' },
      { name: 'b\ufffd.txt', kind: 'file', problem: 'it is not valid UTF-8' },
    ]);
    assert.equal(
      (await expandGlob(system, '/w/*.txt', {})).map(({ path, error }) => [path, error?.code]),
      [
        ['/w/a.txt', undefined],
        ['/w/b\ufffd.txt', 'unsafe_name'],
      ],
    );
  });

  test('is divided by backslashes too on Windows, where they take away no meaning', async () => {
    const system = new NoticedFileSystem('win32', [
      { name: 'a.txt', kind: 'file' },
      { name: 'b.log', kind: 'file' },
      { name: 'd', kind: 'directory' },
    ]);
    for (const [pattern, expected] of [
      ['C:\\w\\*.txt', ['C:\\w\\a.txt']],
      ['C:/w/*.txt', ['C:/w/a.txt']],
      ['C:\\*\\*.log', ['C:\\d\\b.log']],
      ['C:\\w\\*\\', ['C:\\w\\d\\']],
    ] as const) {
      assert.equal(
        (await expandGlob(system, pattern, {})).map(({ path }) => path),
        expected,
        pattern,
      );
    }
  });

  test('reports what it cannot look into beside what it found', async () => {
    const disk = new SimulatedDisk();
    for (const path of ['/w', '/w/open', '/w/shut']) disk.makeDirectory(path, { recursive: true });
    disk.put('/w/open/a.txt', Buffer.alloc(0));
    const system = new SimulatedFileSystem(disk, {
      before: ({ operation, path }) => {
        if (operation !== 'list' || path !== '/w/shut') return;
        throw new FileError('permission_denied', 'list', path, 'permission denied');
      },
    });
    const matches = await expandGlob(system, '/w/*/*.txt', {});
    assert.equal(
      matches.map(({ path, error }) => [path, error?.code]),
      [
        ['/w/open/a.txt', undefined],
        ['/w/shut/', 'permission_denied'],
      ],
    );
  });
});

describe('braces', (test) => {
  const words: readonly (readonly [string, readonly string[]])[] = [
    ['a', ['a']],
    ['{a}', ['{a}']],
    ['{a,b', ['{a,b']],
    ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
    ['x{,y}', ['x', 'xy']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd']],
    ['{{a,b}', ['{a', '{b']],
    ['{x}{a,b}', ['{x}a', '{x}b']],
    ['\\{a,b}', ['\\{a,b}']],
    ['{a\\,b,c}', ['a\\,b', 'c']],
  ];
  for (const [word, expected] of words) {
    test(`${word} is ${expected.join(' ')}`, () => assert.equal(expandBraces(word), expected));
  }
});

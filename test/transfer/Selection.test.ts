// Which files patterns leave, beside git: what it would not ignore is what is copied.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { Selection } from '../../src/transfer/Selection.js';
import { walkTree } from '../../src/transfer/walk.js';
import { describe } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree } from '../helpers/treeOf.js';

const run = promisify(execFile);

const tree = {
  'a.txt': '',
  'A.TXT': '',
  'b.log': '',
  '.hidden': '',
  '#note': '',
  '!bang': '',
  'build/out.o': '',
  'build/keep.txt': '',
  'src/build/out.o': '',
  'src/a.txt': '',
  'src/deep/er/b.log': '',
  'src/deep/a.log': '',
  'doc/a[1].txt': '',
  'doc/a1.txt': '',
  'two words/x': '',
};

const lists: readonly (readonly string[])[] = [
  ['*.log'],
  ['/a.txt'],
  ['a.txt'],
  ['build'],
  ['/build'],
  ['build/'],
  ['/build/*', '!/build/keep.txt'],
  ['build', '!build/keep.txt'],
  ['*.log', '!b.log'],
  ['!b.log', '*.log'],
  ['*', '!*/', '!*.txt'],
  ['*', '!*.txt'],
  ['src/**/b.log'],
  ['**/deep'],
  ['src/deep/**'],
  ['src/*'],
  ['.*'],
  ['\\#note', '\\!bang'],
  ['# a comment', '', 'doc'],
  ['a[[]1].txt'],
  ['a?.txt', 'two words'],
  ['[a-b].*'],
  ['two words/ '],
];

describe('a selection', (test) => {
  test(`leaves what git does not ignore, ${lists.length} lists of patterns`, async () => {
    await using place = await temporaryDirectory();
    await makeTree(place.join('tree'), tree);
    await run('git', ['init', '-q'], { cwd: place.join('tree') });
    for (const patterns of lists) {
      await writeFile(place.join('patterns'), patterns.join('\n'));
      const words = ['-c', 'core.ignorecase=false', 'ls-files', '-z', '-o', '--exclude-from', place.join('patterns')];
      const { stdout } = await run('git', words, { cwd: place.join('tree') });
      const expected = stdout.split('\0').slice(0, -1).sort();
      assert.equal((await selected(place.join('tree'), patterns)).sort(), expected, patterns.join(' '));
    }
  });

  test('judges an operand by the patterns without a slash', async () => {
    const selection = await Selection.of(['*.log', '/a', 'x/y', 'dir/', '!keep.log']);
    const wanted = (name: string, kind: 'file' | 'directory' = 'file') => selection.isWantedOperand(name, kind);
    assert.equal([wanted('b.log'), wanted('keep.log'), wanted('a'), wanted('y')], [false, true, true, true]);
    assert.equal([wanted('dir'), wanted('dir', 'directory')], [true, false]);
  });
});

async function selected(root: string, patterns: readonly string[]): Promise<string[]> {
  const { isWanted } = await Selection.of([...patterns, '/.git']);
  const files: string[] = [];
  for await (const item of walkTree(new LocalFileSystem(), root, { links: 'follow', isWanted })) {
    if (item.type === 'entry' && item.kind === 'file') files.push(item.names.join('/'));
  }
  return files;
}

// Copies to and from a server that is a Windows host, as far as its paths tell: drives, UNC, both separators, its own form shown.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { windowsServer } from '../helpers/windowsServer.js';

async function setUp() {
  const [server, here] = await Promise.all([windowsServer(), temporaryDirectory()]);
  return {
    files: server.files,
    here,
    run: async (...args: string[]) => {
      const { exitCode, stderr, stdout } = await runCodexfs(['--remote', `win=${server.url}`, ...args], {
        cwd: here.path,
      });
      return `${exitCode} ${stderr}${stdout.toString('utf8')}`;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await here[Symbol.asyncDispose]();
    },
  };
}

const spellings: readonly (readonly [string, string])[] = [
  ['win:C:\\d\\a b.txt', 'file:///C:/d/a%20b.txt'],
  ['win:C:/d/a b.txt', 'file:///C:/d/a%20b.txt'],
  ['win:file:///C:/d/a%20b.txt', 'file:///C:/d/a%20b.txt'],
  ['win:\\d\\a b.txt', 'file:///C:/d/a%20b.txt'],
  ['win:\\\\host\\share\\a.txt', 'file://host/share/a.txt'],
  ['win:~\\a.txt', 'file:///C:/Users/me/a.txt'],
  ['win:~/a.txt', 'file:///C:/Users/me/a.txt'],
  ['win:a.txt', 'file:///C:/work/a.txt'],
];

describe('codexfs with a Windows server', (test) => {
  for (const [word, uri] of spellings) {
    test(`cp a ${word}; cp ${word} b`, async () => {
      await using place = await setUp();
      await writeFile(place.here.join('a'), 'content');
      assert.is(await place.run('cp', '-T', 'a', word), '0 ');
      assert.equal([...place.files], [[uri, Buffer.from('content')]]);
      assert.is(await place.run('cp', word, 'b'), '0 ');
      assert.is(await readFile(place.here.join('b'), 'utf8'), 'content');
    });
  }

  test('cp a win:C:\\d\\ lands in the directory, in the form of the server', async () => {
    await using place = await setUp();
    await writeFile(place.here.join('a'), 'content');
    assert.match(await place.run('cp', '-v', 'a', 'win:C:\\d\\'), /a -> win:C:\\d\\a /);
    assert.equal([...place.files.keys()], ['file:///C:/d/a']);
  });

  test('cp win:C:\\missing b names the path as it was typed', async () => {
    await using place = await setUp();
    assert.match(await place.run('cp', 'win:C:\\missing', 'b'), /^3 codexfs: cp: win:C:\\missing: no such file/);
  });
});

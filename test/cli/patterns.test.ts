// Patterns in remote paths on the command line: which files each command is then about.

import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { farAndNear } from '../helpers/farAndNear.js';

const tree = { 'a.txt': 'A', 'b.txt': 'B', 'c.log': 'C', 'd/x.txt': 'X', 'e/one/': '', '[q].txt': 'Q', 'q.txt': 'no' };

const setUp = () => farAndNear(tree);

describe('a pattern on the command line', (test) => {
  test('cat, stat and ls are about all that it stands for', async () => {
    await using setting = await setUp();
    const { run, place, server } = setting;
    assert.equal(await run('cat', 'box:FAR/?.txt', 'box:FAR/c*'), { status: 0, stdout: 'ABnoC', stderr: '' });
    const { stdout } = await run(
      'stat',
      '-f',
      '%n',
      `${server.remote}${place.path}/far/**/*.txt`,
      'box:FAR/{c,none}.log',
    );
    assert.equal(
      stdout.split('\n').map((line) => line.replace(/.*\/far\//, '')),
      ['%5Bq%5D.txt', 'a.txt', 'b.txt', 'd/x.txt', 'q.txt', 'c.log', ''],
    );
    assert.match((await run('ls', 'box:FAR/[de]')).stdout, /far\/d:\nx.txt\n\nbox:.*\/far\/e:\none\n$/);
  });

  test('cp box:*.txt DIRECTORY copies each, and needs a directory as soon as there are two', async () => {
    await using setting = await setUp();
    const { run, near } = setting;
    assert.equal(await run('cp', 'box:FAR/[ab].txt', 'NEAR/'), { status: 0, stdout: '', stderr: '' });
    assert.equal(await near(), { 'a.txt': 'A', 'b.txt': 'B' });
    assert.is((await run('cp', 'box:FAR/c*', 'NEAR/one')).status, 0);
    assert.equal(await near(), { 'a.txt': 'A', 'b.txt': 'B', one: 'C' });
    const refused = await run('cp', 'box:FAR/[ab].txt', 'NEAR/missing');
    assert.equal([refused.status, (await near()).missing], [9, undefined]);
    assert.is((await run('cp', '-T', 'box:FAR/[ab].txt', 'NEAR/missing')).status, 2);
    assert.is((await run('cp', 'box:FAR/[ab].txt', '-')).status, 2);
  });

  test('that matches nothing is not found, and the rest goes on', async () => {
    await using setting = await setUp();
    const { run, near } = setting;
    const alone = await run('cp', 'box:FAR/*.none', 'NEAR/');
    assert.is(alone.status, 3);
    assert.match(alone.stderr, /^codexfs: cp: box:\S+\*\.none: nothing matches this pattern\nhint: --no-glob.*\n$/);
    assert.equal(await near(), {});
    assert.is((await run('cp', 'box:FAR/*.none', 'box:FAR/a*', 'NEAR/')).status, 1);
    assert.equal(await near(), { 'a.txt': 'A' });
    for (const command of ['cat', 'stat', 'ls']) assert.is((await run(command, 'box:FAR/*.none')).status, 3, command);
  });

  test('is a name where that exists, and with --no-glob wherever it is', async () => {
    await using setting = await setUp();
    const { run } = setting;
    assert.is((await run('cat', 'box:FAR/[q].txt')).stdout, 'Q');
    for (const words of [
      ['--no-glob', 'cat', 'box:FAR/?.txt'],
      ['cat', '--no-glob', 'box:FAR/?.txt'],
    ])
      assert.match((await run(...words)).stderr, 'no such file or directory');
  });

  test('as a destination stands for the one path that it matches, or is a name', async () => {
    await using setting = await setUp();
    const { run, place, far } = setting;
    const source = place.join('far', 'a.txt');
    assert.is((await run('cp', source, 'box:FAR/e/o*')).status, 0);
    assert.is((await far())['e/one/a.txt'], 'A');
    const refused = await run('cp', source, 'box:FAR/*.txt');
    assert.equal([refused.status, (await far())['b.txt']], [2, 'B']);
    assert.match(refused.stderr, 'more than one destination');
    assert.is((await run('cp', source, 'box:FAR/new*')).status, 0);
    assert.is((await far())['new*'], 'A');
  });

  test('that is local is the shell’s, and here a name', async () => {
    await using setting = await setUp();
    const { status, stderr } = await setting.run('cp', 'FAR/*.txt', 'box:FAR/d/');
    assert.is(status, 3);
    assert.match(stderr, /\*\.txt: no such file or directory/);
  });
});

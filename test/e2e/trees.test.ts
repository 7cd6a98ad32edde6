// codexfs cp -r as users run it: many small files, items that fail, ^C in the middle.

import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer, startCodexfsServe } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';

describe('codexfs cp -r', (test) => {
  test(
    'brings 2 000 small files up and down again, byte by byte',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexExecServer({ listen: 'ws' });
      const files = Array.from({ length: 2_000 }, (_, index) => {
        const path = `d${index % 40}/${index % 3 === 0 ? 'sub/' : ''}file ${index}`;
        return [path, contentOf(100 + ((index * 37) % 7_900), index).toString('latin1')] as const;
      });
      await makeTree(place.join('tree'), Object.fromEntries(files));
      const expected = await treeOf(place.join('tree'));
      const run = (from: string, to: string) => runCodexfs(['--remote', `box=${server.remote}`, 'cp', '-r', from, to]);
      const up = await run(place.join('tree'), `box:${place.join('far')}`);
      assert.equal([up.exitCode, up.stderr], [0, '']);
      const down = await run(`box:${place.join('far')}`, place.join('back'));
      assert.equal([down.exitCode, down.stderr], [0, '']);
      assert.ok(JSON.stringify(await treeOf(place.join('back'))) === JSON.stringify(expected), 'the trees differ');
    },
    { timeoutMs: 120_000 },
  );

  test('copies the rest when some items fail, and counts them', async () => {
    await using place = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws' });
    await makeTree(place.join('t'), { a: 'A', 'd/b': 'B', 'd/c': 'C' });
    await symlink('nowhere', place.join('t', 'd', 'dangling'));
    await symlink('..', place.join('t', 'd', 'up'));
    await mkdir(place.join('far', 'd', 'b'), { recursive: true });
    await chmod(place.join('far'), 0o755);
    const words = ['--remote', `box=${server.remote}`, 'cp', '-rvT', 't', `box:${place.join('far')}`];
    const { exitCode, stderr } = await runCodexfs(words, { cwd: place.path });
    assert.is(exitCode, 1, stderr);
    assert.match(stderr, 'codexfs: cp: t/d/dangling: is a link that leads nowhere\n');
    assert.match(stderr, 'codexfs: cp: t/d/up: is a link to a directory that holds it\n');
    assert.match(stderr, /far\/d\/b: is a directory\n/);
    assert.match(stderr, /\ncopied 2 files, 2 B in \S+ \(\S+ B\/s\), 3 failed\n$/);
    assert.equal(await treeOf(place.join('far')), { a: 'A', 'd/': '', 'd/b/': '', 'd/c': 'C' });
  });

  test('--fail-fast begins nothing after a failure', async () => {
    await using place = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws' });
    await writeFile(place.join('b'), 'B');
    const words = [
      '--remote',
      `box=${server.remote}`,
      'cp',
      '--fail-fast',
      '-t',
      `box:${place.path}/far/`,
      'a',
      'b',
      'b',
    ];
    const { exitCode, stderr } = await runCodexfs(words, { cwd: place.path });
    const told = 'codexfs: cp: a: no such file or directory\ncodexfs: cp: 0 of 3 files done, 2 not attempted\n';
    assert.equal([exitCode, stderr], [3, told]);
  });

  test(
    'that is interrupted says what is done, what is partial, and what was not touched',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] });
      await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 2_000_000 });
      const content = contentOf(400_000, 3);
      for (let index = 0; index < 20; index++) {
        await makeTree(place.join('t'), { 'keep/': '' });
        await writeFile(place.join('t', `part-${String(index).padStart(2, '0')}`), content);
      }
      const words = [
        '--remote',
        `box=${proxy.url}`,
        'cp',
        '-r',
        '-j',
        '4',
        `box:${place.join('t')}`,
        place.join('copy'),
      ];
      const when = () => proxy.passed('down', 4_000_000);
      const { signal, stderr } = await runCodexfs(words, { signalWhen: { signal: 'SIGINT', when } });
      assert.is(signal, 'SIGINT', stderr);
      assert.not.match(stderr, /\r|^ +at /m);
      const [, done, rest] =
        /^codexfs: interrupted: (\d+) of 20 files done.*\n(?: {2}partial: .*\n)+ {2}untouched: (\d+) files?\n {2}continue with: codexfs .*\n$/.exec(
          stderr,
        ) ?? [];
      const partials = [...stderr.matchAll(/^ {2}partial: (\S+)/gm)].map((match) => match[1] ?? '');
      assert.is(Number(done) + partials.length + Number(rest), 20, stderr);
      for (const path of partials) {
        const held = await readFile(path);
        assert.ok(held.length <= content.length && held.equals(content.subarray(0, held.length)), path);
      }
    },
    { timeoutMs: 60_000 },
  );
});

// codexfs cp when its connection is lost: it connects again, and the copy is the source; or it says what is there.

import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { cpFrom as cp, killAsItGrows, mortalPlace } from '../helpers/mortalPlace.js';
import { recordsIn, summaryIn } from '../helpers/recordsIn.js';
import { codexfsProgram } from '../helpers/servers.js';

const MiB = 1024 * 1024;
const timeoutMs = 120_000;

describe('codexfs cp that loses its server', (test) => {
  test(
    'goes on by itself, once for all files in flight',
    async () => {
      await using place = await mortalPlace('ws');
      const { server, far, near } = place;
      await mkdir(far.join('t'));
      const contents = Array.from({ length: 12 }, (_, index) => contentOf(8 * MiB, index));
      for (const [index, content] of contents.entries()) await writeFile(far.join('t', `f${index}`), content);
      const copying = cp(place, ['--json', '-j', '4', '-r', `box:${far.join('t')}`, 'copy']).finally(() =>
        server.over(),
      );
      await killAsItGrows(server, near.join('copy', 'f3'), 1);
      const { exitCode, stdout, stderr } = await copying;
      assert.is(exitCode, 0, stderr);
      assert.match(stderr, /^codexfs: cp: box: .*; connecting again in \d+ms \(1 of 3\)$/m);
      for (const [index, content] of contents.entries())
        assert.ok((await readFile(near.join('copy', `f${index}`))).equals(content), `f${index} differs`);
      const records = await recordsIn(stdout);
      const attempts = records.filter(({ type }) => type === 'copied').map((record) => record.attempts);
      assert.ok(attempts.includes(1) && attempts.includes(2), `attempts: ${attempts}`);
    },
    { timeoutMs },
  );

  for (const words of [['--retries', '2'], ['--retries', '0'], []]) {
    test(
      `for good ends with status 10 and says what is there, ${words.join(' ') || 'by default'}`,
      async () => {
        await using place = await mortalPlace('ws');
        const { server, far, near } = place;
        await writeFile(far.join('a'), contentOf(64 * MiB));
        const copying = cp(place, ['--json', ...words, `box:${far.join('a')}`, 'b']);
        while (!((await stat(near.join('b')).catch(() => undefined))?.size ?? 0)) await new Promise(setImmediate);
        await server.end();
        const { exitCode, stdout, stderr } = await copying;
        assert.is(exitCode, 10, stderr);
        const { size: bytes } = await stat(near.join('b'));
        const { partials, continueWith } = await summaryIn(stdout);
        assert.equal(partials, [{ path: 'b', state: 'partial', bytes, totalBytes: 64 * MiB }]);
        assert.match(stderr, `  partial: b (${bytes} of ${64 * MiB} bytes)\n`);
        assert.match(stderr, `  continue with: ${continueWith}\n`);
        const retries = [...stderr.matchAll(/connecting again/g)].length;
        assert.is(retries, words[1] === undefined ? 3 : Number(words[1]));
      },
      { timeoutMs },
    );
  }

  test(
    'for good in the middle of a tree names what is done, partial and untouched; the command that goes on does',
    async () => {
      await using place = await mortalPlace('ws');
      const { server, far, near } = place;
      await mkdir(far.join('t'));
      for (let index = 0; index < 40; index++) await writeFile(far.join('t', `f${index}`), contentOf(MiB, index));
      const words = ['--json', '--retries', '0', '--bwlimit', '20M', '-j', '3', '-r', `box:${far.join('t')}`, 'copy'];
      const copying = cp(place, words);
      while (!((await stat(near.join('copy', 'f20')).catch(() => undefined))?.size ?? 0))
        await new Promise(setImmediate);
      await server.end();
      const { exitCode, stdout, stderr } = await copying;
      assert.is(exitCode, 10, stderr);
      const { doneCount, failedCount, partials, continueWith } = await summaryIn(stdout);
      const [, done, rest] =
        /^codexfs: cp: (\d+) of 40 files done \(.* MiB\), (\d+) not attempted\n {2}continue with: codexfs .*\n$/m.exec(
          stderr,
        ) ?? [];
      assert.is(Number(done), doneCount);
      assert.is(Number(doneCount) + Number(failedCount) + Number(rest), 40, stderr);
      for (const { path, bytes } of partials as readonly { readonly path: string; readonly bytes: number }[]) {
        assert.is((await stat(near.join(path))).size, bytes);
        assert.match(stderr, `  partial: ${path} (`);
      }
      await server.revive();
      const line = String(continueWith).replace(/^codexfs/, `${process.execPath} ${codexfsProgram}`);
      await promisify(execFile)('sh', ['-c', line], { cwd: near.path });
      for (let index = 0; index < 40; index++)
        assert.ok((await readFile(near.join('copy', `f${index}`))).equals(contentOf(MiB, index)), `f${index} differs`);
    },
    { timeoutMs },
  );

  test('at once does not try again, unless told to', async () => {
    await using place = await mortalPlace('ws');
    await place.server.end();
    const once = await cp(place, ['box:/a', 'b']);
    assert.equal([once.exitCode, /connecting again/.test(once.stderr)], [7, false], once.stderr);
    const twice = await cp(place, ['--retries', '1', 'box:/a', 'b']);
    assert.equal([twice.exitCode, [...twice.stderr.matchAll(/connecting again/g)].length], [7, 1], twice.stderr);
  });

  test(
    'and is interrupted while it waits for it dies by the signal',
    async () => {
      await using place = await mortalPlace('ws');
      const { server, far, near } = place;
      await writeFile(far.join('a'), contentOf(64 * MiB));
      const when = async () => {
        while (!((await stat(near.join('b')).catch(() => undefined))?.size ?? 0)) await new Promise(setImmediate);
        await server.end();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      };
      const { signal, stdout, endedAfterMs } = await cp(
        place,
        ['--json', '--retries', '9', `box:${far.join('a')}`, 'b'],
        { signalWhen: { signal: 'SIGINT', when } },
      );
      assert.is(signal, 'SIGINT');
      assert.ok((endedAfterMs ?? Infinity) < 2_500, `${endedAfterMs} ms`);
      const { size: bytes } = await stat(near.join('b'));
      const { partials } = await summaryIn(stdout);
      assert.equal(partials, [{ path: 'b', state: 'partial', bytes, totalBytes: 64 * MiB }]);
    },
    { timeoutMs },
  );
});

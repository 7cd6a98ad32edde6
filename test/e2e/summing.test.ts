// codexfs sum as users run it, beside sha256sum(1), on both kinds of servers and on local paths.

import { createHash } from 'node:crypto';
import { symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { parseSumLine, sumLine } from '../../src/cli/sum/sumLine.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type Box, type boxKinds, openBox } from '../helpers/openBox.js';
import { recordsIn } from '../helpers/recordsIn.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';

const hostileNames = ['a b', 'new\nline', 'back\\slash', 'return\r', '*star', ' space ', 'ü'];
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const zeros = '0'.repeat(64);

/** Hostile names below `d`, and a file of three chunks. */
async function openStore(kind: (typeof boxKinds)[number]): Promise<Box> {
  const box = await openBox(kind, Object.fromEntries(hostileNames.map((name) => [`d/${name}`, name])));
  await writeFile(box.there.join('large'), contentOf(700_001, 1));
  await symlink('../large', box.there.join('d', 'zlink'));
  return box;
}

for (const place of ['codex exec-server', 'codexfs serve', 'local paths'] as const) {
  const kind = place === 'local paths' ? 'codexfs serve' : place;
  const at = place === 'local paths' ? 'THERE' : 'box:THERE';

  describe(`codexfs sum on ${place}`, (test) => {
    test('writes what sha256sum checks, and checks what sha256sum writes', async () => {
      await using box = await openStore(kind);
      const { status, out, err } = await box.run('sum', '-r', `${at}/d`, `${at}/large`);
      assert.equal([status, err], [0, '']);
      const lines = out.split('\n').slice(0, -1);
      const names = [...hostileNames.map((name) => `d/${name}`), 'd/zlink', 'large'].sort();
      assert.equal(
        lines.map((line) => parseSumLine(line)?.name),
        names.map((name) => `${at}/${name}`),
      );
      const local = lines.map((line) => line.replace(`${at}/`, '')).join('\n');
      const script = 'cd "$0" && sha256sum --quiet -c - && sha256sum d/* large > sums';
      const theirs = await runCodexfs([], { stdin: `${local}\n`, wrapper: ['bash', '-c', script, box.there.path] });
      assert.equal([theirs.exitCode, theirs.stderr], [0, '']);
      const check = await box.run('sum', '--check', `${at}/sums`, at);
      assert.equal([check.status, check.err], [0, '']);
      assert.equal(check.out.match(/: OK$/gm)?.length, names.length);
      const again = await box.runWith({ stdin: out.replaceAll('THERE', box.there.path) }, 'sum', '-c', '-', '-q');
      assert.equal(again, { status: 0, out: '', err: '' });
    });

    test('says what changed, what is gone and what is no sum', async () => {
      await using box = await openStore(kind);
      const list = [
        `${sha256('a b')}  ${at}/d/a b`,
        `${zeros} *${at}/large`,
        `${sha256('x')}  ${at}/none`,
        'no sum at all',
        '# a comment',
        '',
        `SHA256 (${at}/d/ü) = ${sha256('ü').toUpperCase()}\r`,
      ]
        .join('\n')
        .replaceAll('THERE', box.there.path);
      const result = await box.runWith({ stdin: list }, 'sum', '-c', '-');
      assert.equal(result.status, 1);
      assert.equal(result.out.split('\n'), [
        `${at}/d/a b: OK`,
        `${at}/large: FAILED`,
        `${at}/none: FAILED open or read`,
        `${at}/d/ü: OK`,
        '',
      ]);
      assert.equal(result.err.split('\n'), [
        `codexfs: sum: ${at}/none: no such file or directory`,
        'codexfs: sum: 1 line passed over: no sums',
        'codexfs: sum: 1 of 4 files changed',
        '',
      ]);
      const silent = await box.runWith({ stdin: list }, 'sum', '--status', '--ignore-missing', '-c', '-');
      assert.equal(silent, { status: 1, out: '', err: '' });
    });

    test('--json tells the same in records', async () => {
      await using box = await openStore(kind);
      const [sum, error] = await recordsIn((await box.run('sum', '--json', `${at}/d/a b`, `${at}/d`)).out);
      assert.equal(sum, { v: 1, type: 'sum', location: `${at}/d/a b`, sha256: sha256('a b') });
      assert.equal([error?.type, error?.location], ['error', `${at}/d`]);
      const list = `${zeros}  d/a b\n`;
      const [check] = await recordsIn((await box.runWith({ stdin: list }, 'sum', '--json', '-c', '-', at)).out);
      const facts = { expected: zeros, sha256: sha256('a b'), isSame: false };
      assert.equal(check, { v: 1, type: 'check', location: 'd/a b', ...facts });
    });
  });
}

describe('codexfs sum', (test) => {
  const lists: readonly (readonly [title: string, list: string, words: readonly string[], status: number])[] = [
    ['a list with a changed file', `${zeros}  a\n`, [], 1],
    ['a list with nothing but missing files', `${zeros}  none\n`, [], 3],
    ['the same when missing files are ignored: nothing was checked', `${zeros}  none\n`, ['--ignore-missing'], 3],
    ['a list without sums', 'hello\n', [], 4],
    ['an empty list', '', [], 4],
    ['a good list with another line', `${sha256('A')}  a\nhello\n`, [], 0],
    ['the same with --strict', `${sha256('A')}  a\nhello\n`, ['--strict'], 1],
    ['an endless line', 'x'.repeat(200_000), [], 4],
  ];
  for (const [title, list, words, status] of lists) {
    test(`ends with ${status} for ${title}`, async () => {
      await using box = await openBox('codexfs serve', { a: 'A' });
      assert.is((await box.runWith({ stdin: list }, 'sum', '-c', '-', ...words)).status, status);
    });
  }

  test(
    'ends when the server goes, with one line and not one for each file',
    async () => {
      await using box = await openBox('codexfs serve', { 'd/a': 'A' });
      const far = box.there.join('d');
      const large = contentOf(400_000, 1);
      for (let index = 0; index < 60; index++) await writeFile(box.there.join('d', `large ${index}`), large);
      await using server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] });
      await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 2_000_000 });
      const running = box.run('--remote', `slow=${proxy.url}`, 'sum', '-r', '--retries', '0', `slow:${far}`);
      await proxy.passed('down', 1_000_000);
      proxy.cut();
      const { status, err } = await running;
      assert.equal([status, err.trimEnd().split('\n').length], [10, 1], err);
    },
    { timeoutMs: 30_000 },
  );

  test('connects to no address that a list names', async () => {
    await using box = await openBox('codexfs serve', { a: 'A' });
    const list = `${sha256('A')}  ${box.remote}${box.there.path}/a\n`;
    const refused = await box.runWith({ stdin: list }, 'sum', '-c', '-');
    assert.is(refused.status, 4);
    assert.match(refused.err, 'an address in a list is not connected to\nhint: ');
  });

  test('-z ends lines with a NUL and escapes nothing', async () => {
    await using box = await openBox('codexfs serve', { 'new\nline': 'A' });
    const { out } = await box.run('sum', '-z', 'box:THERE/new\nline');
    assert.is(out, `${sha256('A')}  box:THERE/new\nline\0`);
  });

  test('reads back every name that it writes, and refuses escapes that mean nothing', () => {
    for (const name of [...hostileNames, '\\n', '\\\\', 'a\r\nb', '  ', 'x) = y']) {
      assert.equal(parseSumLine(sumLine(zeros, name)), { sha256: zeros, name });
    }
    for (const line of [`\\${zeros}  a\\t`, `\\${zeros}  a\\`, `${zeros} a`, `${zeros.slice(1)}  a`, `${zeros}  `]) {
      assert.is(parseSumLine(line), undefined, line);
    }
  });
});

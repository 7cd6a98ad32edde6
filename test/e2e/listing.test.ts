// codexfs ls as users run it, on both kinds of servers and on local paths; each title is the command line.

import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { type Box, boxKinds, openBox } from '../helpers/openBox.js';
import { recordsIn } from '../helpers/recordsIn.js';
import { runCodexfs } from '../helpers/runCodexfs.js';

/** Three files of three sizes and three ages, a directory, and a link to it. */
async function openShelf(kind: (typeof boxKinds)[number]): Promise<Box> {
  const box = await openBox(kind, { a: '0123456789', 'b c': 'abc', '.dot': 'x'.repeat(2000), 'd/e/f': 'F', 'd/g': '' });
  await symlink('d/e', box.there.join('link'));
  const times = { a: 1_735_689_600, 'b c': 1_735_689_660, '.dot': 1_735_689_720, 'd/e/f': 0, 'd/g': 0, 'd/e': 0, d: 0 };
  for (const [name, time] of Object.entries(times)) await utimes(box.there.join(name), time, time || 1_735_689_600);
  return box;
}

const rows: readonly (readonly [string, readonly string[]])[] = [
  ['ls AT', ['.dot', 'a', 'b c', 'd', 'link']],
  ['ls -a1 AT', ['.dot', 'a', 'b c', 'd', 'link']],
  ['ls AT/d AT/a AT/d/e', ['AT/a', '', 'AT/d:', 'e', 'g', '', 'AT/d/e:', 'f']],
  ['ls -d AT/d AT/a', ['AT/a', 'AT/d']],
  ['ls -R AT/d', ['AT/d:', 'e', 'g', '', 'AT/d/e:', 'f']],
  ['ls -RS AT/d AT/link', ['AT/d:', 'e', 'g', '', 'AT/d/e:', 'f', '', 'AT/link:', 'f']],
  ['ls -r AT/d', ['g', 'e']],
  ['ls -l AT/a AT/.dot', ['-  2000  2025-01-01 00:02  AT/.dot', '-    10  2025-01-01 00:00  AT/a']],
  ['ls -lhS AT/a AT/.dot', ['-  1.95K  2025-01-01 00:02  AT/.dot', '-     10  2025-01-01 00:00  AT/a']],
  ['ls -t AT/a AT/.dot', ['AT/.dot', 'AT/a']],
  ['ls -tr AT/a AT/.dot', ['AT/a', 'AT/.dot']],
  ['ls -l AT/d', ['d  SIZE  2025-01-01 00:00  e', '-     0  2025-01-01 00:00  g']],
];

for (const place of ['codex exec-server', 'codexfs serve', 'local paths'] as const) {
  const at = place === 'local paths' ? 'THERE' : 'box:THERE';

  describe(`on ${place}, codexfs ls`, (test) => {
    test(
      'lists, row by row',
      async () => {
        await using box = await openShelf(place === 'local paths' ? 'codexfs serve' : place);
        for (const [words, out] of rows) {
          const typed = words.split(' ').map((word) => word.replace(/^AT/, at));
          const result = await box.runWith({ env: { TZ: 'UTC' } }, ...typed);
          const shown = result.out.replaceAll(at, 'AT').replace(/^d +\d+/gm, 'd  SIZE');
          assert.equal(
            { words, status: result.status, out: shown.split('\n') },
            { words, status: 0, out: [...out, ''] },
          );
        }
      },
      { timeoutMs: 60_000 },
    );

    test('-l says what is a link, and lists what it cannot learn about', async () => {
      await using box = await openShelf(place === 'local paths' ? 'codexfs serve' : place);
      await symlink('nowhere', box.there.join('d', 'dangling'));
      const { status, out } = await box.run('ls', '-l', at, `${at}/d`);
      assert.is(status, 0);
      assert.match(out, /^l +\d+ {2}2025-01-01 \d\d:\d\d {2}link$/m);
      // Released servers do not list links that lead nowhere.
      if (place !== 'codex exec-server') assert.match(out, /^l +\? {2}\? {15} {2}dangling$/m);
    });

    test('--json tells locations, and facts where they are asked for', async () => {
      await using box = await openShelf(place === 'local paths' ? 'codexfs serve' : place);
      const plain = await recordsIn((await box.run('ls', '--json', `${at}/d`)).out);
      assert.equal(plain.slice(0, -1), [
        { v: 1, type: 'entry', location: `${at}/d/e`, kind: 'directory', sizeBytes: null, modifiedAt: null },
        { v: 1, type: 'entry', location: `${at}/d/g`, kind: 'file', sizeBytes: null, modifiedAt: null },
      ]);
      const [entry] = await recordsIn((await box.run('ls', '-l', '--json', `${at}/a`)).out);
      const facts = { sizeBytes: 10, modifiedAt: '2025-01-01T00:00:00.000Z' };
      assert.equal(entry, { v: 1, type: 'entry', location: `${at}/a`, kind: 'file', ...facts });
    });
  });
}

describe('codexfs ls', (test) => {
  for (const kind of boxKinds) {
    test(
      `lists 20 000 entries of ${kind}, with and without -l`,
      async () => {
        await using box = await openBox(kind, {});
        await mkdir(box.there.join('many'));
        const names = Array.from({ length: 20_000 }, (_, index) => `file ${String(index).padStart(5, '0')}`);
        const make = async (from: number): Promise<void> => {
          for (const name of names.slice(from, from + 500)) await writeFile(box.there.join('many', name), '');
        };
        await Promise.all(Array.from({ length: 40 }, (_, index) => make(index * 500)));
        assert.is((await box.run('ls', 'box:THERE/many')).out, `${names.join('\n')}\n`);
        const long = (await box.run('ls', '-l', 'box:THERE/many')).out
          .split('\n')
          .map((line) => line.replace(/^- {2}0 {2}\S+ \S+ {2}/, ''));
        assert.equal(long, [...names, '']);
      },
      { timeoutMs: 120_000 },
    );
  }

  test(
    'goes quietly when nobody reads, and says when it cannot write',
    async () => {
      await using box = await openBox('codexfs serve', { a: '', b: '' });
      const runIn = (script: string, command: string) =>
        runCodexfs([...command.split(' '), box.there.path], { wrapper: ['bash', '-c', script, 'bash'] });
      for (const command of ['ls', 'ls -l', 'ls -R', 'find', 'du', 'tree']) {
        const gone = await runIn('set -o pipefail; "$@" | true', command);
        assert.ok([0, 141].includes(gone.exitCode ?? -1), `${command}: ${gone.exitCode}`);
        assert.is(gone.stderr, '', command);
        const full = await runIn('"$@" > /dev/full', command);
        const said = `codexfs: ${command.split(' ')[0]}: standard output: no space left on device\n`;
        assert.equal([command, full.exitCode, full.stderr], [command, 9, said]);
      }
    },
    { timeoutMs: 60_000 },
  );
});

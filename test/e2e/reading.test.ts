// codexfs cat, stat and ls as users run them, against a real exec-server; each title is the command line.

import { mkdir, utimes, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { recordsIn } from '../helpers/recordsIn.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `words` with `box:` on a fresh server; `THERE` is a folder with the files `a` and `b c` and the folder `d`. */
async function run(...words: readonly string[]): Promise<Outcome> {
  await using there = await temporaryDirectory();
  await writeFile(there.join('a'), '0123456789');
  await writeFile(there.join('b c'), 'abc');
  await mkdir(there.join('d'));
  for (const name of ['a', 'b c', 'd']) await utimes(there.join(name), 1_735_689_600, 1_735_689_600);
  await using server = await startCodexExecServer({ listen: 'ws' });
  const args = ['--remote', `box=${server.remote}`, ...words].map((word) => word.replaceAll('THERE', there.path));
  const result = await runCodexfs(args, { env: { TZ: 'UTC' } });
  const shown = (output: string) => output.replaceAll(there.path, 'THERE');
  return { status: result.exitCode, out: shown(result.stdout.toString('utf8')), err: shown(result.stderr) };
}

describe('codexfs cat', (test) => {
  const ranges: readonly (readonly [string, string])[] = [
    ['2-4', '234'],
    ['8-', '89'],
    ['8-99', '89'],
    ['-3', '789'],
    ['-99', '0123456789'],
    ['20-', ''],
  ];
  for (const [range, out] of ranges) {
    test(`cat --range ${range} box:THERE/a`, async () => {
      assert.equal(await run('cat', '--range', range, 'box:THERE/a'), { status: 0, out, err: '' });
    });
  }

  test('cat box:THERE/a box:THERE/nope "box:THERE/b c"', async () => {
    assert.equal(await run('cat', 'box:THERE/a', 'box:THERE/nope', 'box:THERE/b c'), {
      status: 1,
      out: '0123456789abc',
      err: 'codexfs: cat: box:THERE/nope: no such file or directory\n',
    });
  });

  test('cat box:THERE/d', async () => {
    assert.equal(await run('cat', 'box:THERE/d'), {
      status: 4,
      out: '',
      err: 'codexfs: cat: box:THERE/d: not a regular file\n',
    });
  });
});

describe('codexfs stat', (test) => {
  test('stat box:THERE/a', async () => {
    const out = [
      'name:     box:THERE/a',
      'type:     regular file',
      'size:     10 (10 B)',
      'modified: 2025-01-01T00:00:00.000Z',
      '',
    ];
    const { status, out: actual } = await run('stat', 'box:THERE/a');
    assert.equal([status, actual.replace(/created: .*\n/, '')], [0, out.join('\n')]);
  });

  test("stat -f '%n|%s|%y|%F\\n' box:THERE/a box:THERE/d", async () => {
    const { status, out } = await run('stat', '-f', '%n|%s|%y|%F\\n', 'box:THERE/a', 'box:THERE/d');
    assert.is(status, 0);
    assert.match(
      out,
      /^box:THERE\/a\|10\|2025-01-01T00:00:00\.000Z\|regular file\nbox:THERE\/d\|\d+\|.*\|directory\n$/,
    );
  });

  test('stat --json box:THERE/a box:THERE/nope', async () => {
    const { status, out } = await run('stat', '--json', 'box:THERE/a', 'box:THERE/nope');
    const [first, second, summary] = await recordsIn(out);
    assert.is(status, 1);
    assert.equal(
      { ...(first as object), createdAt: undefined },
      {
        v: 1,
        type: 'stat',
        location: 'box:THERE/a',
        kind: 'file',
        isSymlink: false,
        sizeBytes: 10,
        modifiedAt: '2025-01-01T00:00:00.000Z',
        createdAt: undefined,
        mode: null,
      },
    );
    const error = { location: 'box:THERE/nope', from: null, to: null, code: 'not_found', hint: null, attempts: 1 };
    assert.equal(second, { v: 1, type: 'error', ...error, message: 'no such file or directory' });
    assert.equal([summary?.exitStatus, summary?.doneCount, summary?.failedCount], [1, 1, 1]);
  });
});

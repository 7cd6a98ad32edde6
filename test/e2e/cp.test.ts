// codexfs cp as users run it, against a real exec-server; each title is the command line.

import { link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { type RunOptions, runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Bench {
  /** The working directory of the client. */
  readonly here: TemporaryDirectory;
  /** The directory that `box:` paths of the tests are in. */
  readonly there: TemporaryDirectory;
  /** Runs a command line; `THERE` in it is the path of `there`. */
  run(line: string, options?: RunOptions): Promise<string>;
}

/** Hands a fresh server and two empty folders to `work`. The outcome of a run is `STATUS` and what stood on stderr. */
async function withServer(work: (bench: Bench) => Promise<void>): Promise<void> {
  await using here = await temporaryDirectory();
  await using there = await temporaryDirectory();
  await using server = await startCodexExecServer({ listen: 'ws' });
  const run = async (line: string, options: RunOptions = {}) => {
    const words = line.split(' ').map((word) => word.replaceAll('THERE', there.path));
    const result = await runCodexfs(['--remote', `box=${server.remote}`, ...words], { cwd: here.path, ...options });
    return `${result.exitCode} ${result.stderr.replaceAll(there.path, 'THERE')}${result.stdout.toString('utf8')}`;
  };
  await work({ here, there, run });
}

const text = (path: string) => readFile(path, 'utf8');

describe('codexfs cp', (test) => {
  test('cp a box:THERE/b', () =>
    withServer(async ({ here, there, run }) => {
      await writeFile(here.join('a'), 'content');
      assert.is(await run('cp a box:THERE/b'), '0 ');
      assert.is(await text(there.join('b')), 'content');
    }));

  test('cp box:THERE/b . -v', () =>
    withServer(async ({ here, there, run }) => {
      await writeFile(there.join('b'), 'content');
      assert.match(
        await run('cp box:THERE/b . -v'),
        /^0 codexfs: connected to box: .*\nbox:THERE\/b -> \.\/b \(7 B\)\ncopied 1 file, 7 B in /,
      );
      assert.is(await text(here.join('b')), 'content');
    }));

  test('cp a b box:THERE/new/', () =>
    withServer(async ({ here, there, run }) => {
      await writeFile(here.join('a'), 'A');
      await writeFile(here.join('b'), 'B');
      assert.is(await run('cp a b box:THERE/new/'), '0 ');
      assert.is((await text(there.join('new', 'a'))) + (await text(there.join('new', 'b'))), 'AB');
    }));

  test('cp a b box:THERE/missing', () =>
    withServer(async ({ here, run }) => {
      await writeFile(here.join('a'), 'A');
      await writeFile(here.join('b'), 'B');
      const message = 'codexfs: cp: box:THERE/missing: no such directory\nhint: end it in / to have it created\n';
      const rest = 'codexfs: cp: 0 of 2 files done, 1 not attempted\n';
      assert.is(await run('cp a b box:THERE/missing'), `9 ${message}${rest}`);
    }));

  test('cp nope a box:THERE', () =>
    withServer(async ({ here, there, run }) => {
      await writeFile(here.join('a'), 'A');
      assert.is(await run('cp nope a box:THERE'), '1 codexfs: cp: nope: no such file or directory\n');
      assert.is(await text(there.join('a')), 'A');
    }));

  test('cp a d/a box:THERE', () =>
    withServer(async ({ here, there, run }) => {
      await mkdir(here.join('d'));
      await writeFile(here.join('a'), 'first');
      await writeFile(here.join('d', 'a'), 'second');
      const message = 'codexfs: cp: box:THERE: holds `a` from an earlier operand, which is not replaced\n';
      assert.is(await run('cp a d/a box:THERE'), `1 ${message}`);
      assert.is(await text(there.join('a')), 'first');
    }));

  test('cp -t box:THERE a', () =>
    withServer(async ({ here, there, run }) => {
      await writeFile(here.join('a'), 'A');
      assert.is(await run('cp -t box:THERE a'), '0 ');
      assert.is(await text(there.join('a')), 'A');
    }));

  test('cp -T a box:THERE', () =>
    withServer(async ({ here, run }) => {
      await writeFile(here.join('a'), 'A');
      assert.is(await run('cp -T a box:THERE'), '4 codexfs: cp: box:THERE: is a directory\n');
    }));

  test('cp box:THERE/a box:THERE/b', () =>
    withServer(async ({ there, run }) => {
      await writeFile(there.join('a'), 'content', { mode: 0o755 });
      assert.is(await run('cp box:THERE/a box:THERE/b'), '0 ');
      assert.is(await text(there.join('b')), 'content');
    }));

  test('cp box:THERE/a box:THERE/b onto a file that exists, whose links and mode stay', () =>
    withServer(async ({ there, run }) => {
      await writeFile(there.join('a'), 'content', { mode: 0o755 });
      await writeFile(there.join('b'), 'something longer', { mode: 0o600 });
      await link(there.join('b'), there.join('c'));
      assert.is(await run('cp box:THERE/a box:THERE/b'), '0 ');
      assert.is(await text(there.join('c')), 'content');
      assert.is((await stat(there.join('b'))).mode & 0o777, 0o600);
    }));

  for (const other of ['a', './a', '../THERE-NAME/a', 'hard']) {
    test(`cp box:THERE/a box:THERE/${other}, which is one file`, () =>
      withServer(async ({ there, run }) => {
        await writeFile(there.join('a'), 'content');
        await link(there.join('a'), there.join('hard'));
        const name = there.path.slice(there.path.lastIndexOf('/') + 1);
        const outcome = await run(`cp box:THERE/a box:THERE/${other.replace('THERE-NAME', name)}`);
        if (other !== 'hard')
          assert.match(outcome, /^4 codexfs: cp: box:THERE\/.*a: is the same file as box:THERE\/.*a\n$/);
        assert.is(await text(there.join('a')), 'content');
      }));
  }

  test('cp ws://127.0.0.1:1/a ws://127.0.0.1:1/b ws://127.0.0.1:1/c .', () =>
    withServer(async ({ run }) => {
      const message = 'codexfs: cp: cannot connect to ws://127.0.0.1:1: nothing listens there (connection refused)\n';
      const hint = 'hint: is the server running there? `codexfs remotes` says where an address comes from\n';
      const rest = 'codexfs: cp: 0 of 3 files done, 2 not attempted\n';
      assert.is(
        await run('cp ws://127.0.0.1:1/a ws://127.0.0.1:1/b ws://127.0.0.1:1/c .'),
        `7 ${message}${hint}${rest}`,
      );
    }));

  test('cp - box:THERE/in, from a pipe', () =>
    withServer(async ({ there, run }) => {
      const input = Buffer.alloc(3_000_001, 'x');
      assert.is(await run('cp - box:THERE/in', { stdin: input }), '0 ');
      assert.is((await stat(there.join('in'))).size, input.length);
    }));

  test('cp - box:THERE, which is a directory', () =>
    withServer(async ({ run }) => {
      const message = 'is a directory, and the source has no name to be copied under';
      assert.is(
        await run('cp - box:THERE'),
        `4 codexfs: cp: box:THERE: ${message}\nhint: name the file: DIRECTORY/NAME\n`,
      );
    }));

  test('cp box:THERE/a -', () =>
    withServer(async ({ there, run }) => {
      await writeFile(there.join('a'), 'to stdout');
      assert.is(await run('cp box:THERE/a -'), '0 to stdout');
    }));

  test('cp box:THERE .', () =>
    withServer(async ({ run }) => {
      const hint = 'hint: use -r\n';
      assert.is(await run('cp box:THERE .'), `4 codexfs: cp: box:THERE: is a directory\n${hint}`);
    }));
});

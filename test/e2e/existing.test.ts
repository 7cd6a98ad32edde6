// Destinations that exist, in both directions, against both servers; where cp has the same form, what it leaves is the measure.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, link, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { benchServers, type ServerBench, withServer } from '../helpers/serverBench.js';
import { codexfsProgram } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const now = 1_700_000_000;
/** What stands at the destination: when it was modified, compared with the source. */
const ages = { missing: undefined, older: now - 10, 'of the same time': now, newer: now + 10 } as const;
const forms = ['', '-n', '-u', '-b', '-bu', '-nu'];
const timeoutMs = 60_000;

async function put(path: string, content: string, seconds: number): Promise<void> {
  await writeFile(path, content);
  await utimes(path, seconds, seconds);
}

/** Names and contents of a folder. */
async function tree(folder: TemporaryDirectory): Promise<Record<string, string>> {
  const names = (await readdir(folder.path)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(folder.join(name), 'utf8')] as const)),
  );
}

/** What cp leaves of a destination of that age. */
async function leftByCp(form: string, seconds: number | undefined): Promise<Record<string, string>> {
  await using from = await temporaryDirectory();
  await using to = await temporaryDirectory();
  await put(from.join('a'), 'source', now);
  if (seconds !== undefined) await put(to.join('b'), 'existing', seconds);
  await promisify(execFile)('cp', [...form.split(' ').filter(Boolean), from.join('a'), to.join('b')]);
  return await tree(to);
}

for (const [name, start] of Object.entries(benchServers)) {
  describe(`codexfs cp onto what exists, ${name}`, (test) => {
    for (const form of forms) {
      for (const direction of ['a box:THERE/b', 'box:THERE/a b']) {
        test(
          `cp ${form === '' ? '' : `${form} `}${direction} leaves what cp ${form} leaves`,
          () =>
            withServer(start, async ({ here, there, run }) => {
              const [from, to] = direction.startsWith('box:') ? [there, here] : [here, there];
              await put(from.join('a'), 'source', now);
              for (const [age, seconds] of Object.entries(ages)) {
                for (const old of await readdir(to.path)) await promisify(execFile)('rm', [to.join(old)]);
                if (seconds !== undefined) await put(to.join('b'), 'existing', seconds);
                assert.is(await run(`cp ${form} ${direction}`.replace('  ', ' ')), '0 ', age);
                assert.equal(await tree(to), await leftByCp(form, seconds), age);
              }
            }),
          { timeoutMs },
        );
      }
    }

    test('cp -c -v a box:THERE/b', () =>
      withServer(start, async ({ here, there, run }) => {
        await put(here.join('a'), 'content', now);
        await put(there.join('b'), 'content', now + 10);
        assert.match(
          await run('cp -c -v a box:THERE/b'),
          /skipped box:THERE\/b: left as it is\ncopied 0 files in .*, 1 skipped/,
        );
        assert.is((await stat(there.join('b'))).mtimeMs, (now + 10) * 1_000);
        await put(there.join('b'), 'Content', now);
        assert.is(await run('cp -c a box:THERE/b'), '0 ');
        assert.is(await readFile(there.join('b'), 'utf8'), 'content');
      }));

    test('cp --backup=.old a box:THERE/b, whose links and mode stay', () =>
      withServer(start, async ({ here, there, run }) => {
        await writeFile(here.join('a'), 'new');
        await writeFile(there.join('b'), 'old', { mode: 0o640 });
        await link(there.join('b'), there.join('hard'));
        assert.is(await run('cp --backup=.old a box:THERE/b'), '0 ');
        assert.equal(await tree(there), { b: 'new', 'b.old': 'old', hard: 'new' });
        assert.is((await stat(there.join('b'))).mode & 0o777, 0o640);
        // Once more, with a backup that is in the way.
        assert.is(await run('cp --backup=.old a box:THERE/b'), '0 ');
        assert.equal(await tree(there), { b: 'new', 'b.old': 'new', hard: 'new' });
      }));

    test('cp -b box:THERE/b~ box:THERE/b', () =>
      withServer(start, async ({ there, run }) => {
        await writeFile(there.join('b~'), 'source');
        await writeFile(there.join('b'), 'existing');
        const message = 'is not replaced: its backup box:THERE/b~ would replace the source';
        assert.is(await run('cp -b box:THERE/b~ box:THERE/b'), `4 codexfs: cp: box:THERE/b: ${message}\n`);
        assert.equal(await tree(there), { b: 'existing', 'b~': 'source' });
      }));

    test(
      'cp --verify a box:THERE/b',
      () =>
        withServer(start, async ({ here, there, run }) => {
          for (const bytes of [0, 5, 3_000_001]) {
            const content = contentOf(bytes);
            await writeFile(here.join('a'), content);
            assert.is(await run('cp --verify a box:THERE/b'), '0 ');
            assert.is(await run('cp --verify box:THERE/b c'), '0 ');
            assert.is(await run('cp --verify box:THERE/b box:THERE/d'), '0 ');
            assert.is(await run('cp --verify - box:THERE/e', { stdin: content }), '0 ');
            for (const path of [here.join('c'), there.join('d'), there.join('e')])
              assert.ok((await readFile(path)).equals(content));
            await promisify(execFile)('rm', [there.join('d')]);
          }
        }),
      { timeoutMs },
    );

    test('cp --verify a box:/proc/self/oom_score_adj, which does not hold what is written to it', () =>
      withServer(start, async ({ here, run }) => {
        await writeFile(here.join('a'), '7  ');
        const outcome = await run('cp --verify a box:/proc/self/oom_score_adj');
        assert.match(
          outcome,
          /^6 codexfs: cp: box:\/proc\/self\/oom_score_adj: differs from the source: its SHA-256 is /,
        );
        assert.match(outcome, /^ {2}partial: box:\/proc\/self\/oom_score_adj \(up to 3 of 3 bytes\)$/m);
      }));

    test(
      'cp --continue box:THERE/a b',
      () =>
        withServer(start, async ({ here, there, run }) => {
          const content = contentOf(2_500_000);
          await writeFile(there.join('a'), content);
          for (const held of [1, 262_144, 1_000_000, 2_500_000]) {
            await writeFile(here.join('b'), content.subarray(0, held));
            await link(here.join('b'), here.join('hard'));
            assert.is(await run('cp --continue box:THERE/a b'), '0 ');
            assert.ok((await readFile(here.join('hard'))).equals(content));
            await promisify(execFile)('rm', [here.join('hard')]);
          }
          await writeFile(here.join('b'), contentOf(1_000, 5));
          const note = 'codexfs: cp: b: is no beginning of its source and is copied from the start\n';
          assert.is(await run('cp --continue --verify box:THERE/a b'), `0 ${note}`);
          assert.ok((await readFile(here.join('b'))).equals(content));
        }),
      { timeoutMs },
    );

    test('cp --continue -v a box:THERE/b', () =>
      withServer(start, async ({ here, there, run }) => {
        await writeFile(here.join('a'), 'whole content');
        await writeFile(there.join('b'), 'whole');
        const said = /box:THERE\/b: cannot be appended to on a server and is copied from the start/;
        assert.match(await run('cp --continue -v a box:THERE/b'), said);
        assert.is(await readFile(there.join('b'), 'utf8'), 'whole content');
        assert.is(await run('cp --continue a box:THERE/b'), '0 ');
      }));

    test(
      'cp --atomic box:THERE/a b',
      () =>
        withServer(start, async ({ here, there, run }) => {
          await writeFile(there.join('a'), 'new');
          await put(here.join('b'), 'old', now);
          await chmod(here.join('b'), 0o604);
          const before = await stat(here.join('b'));
          assert.is(await run('cp --atomic box:THERE/a b'), '0 ');
          const after = await stat(here.join('b'));
          assert.equal(await tree(here), { b: 'new' });
          assert.is(after.mode & 0o777, 0o604);
          assert.is.not(after.ino, before.ino);
          assert.is(await run('cp --atomic box:THERE/a c'), '0 ');
          assert.is((await stat(here.join('c'))).mode & 0o777, 0o666 & ~process.umask());
          assert.is(
            await run('cp --atomic box:THERE/missing b'),
            '3 codexfs: cp: box:THERE/missing: no such file or directory\n',
          );
          await mkdir(here.join('d'));
          assert.is(await run('cp --atomic -T box:THERE/a d'), '4 codexfs: cp: d: is a directory\n');
          assert.equal((await readdir(here.path)).sort(), ['b', 'c', 'd']);
        }),
      { timeoutMs },
    );

    test('--no-exec cp -p box:THERE/a b', () =>
      withServer(start, async ({ here, there, run }) => {
        await put(there.join('a'), 'content', now);
        assert.is(await run('--no-exec cp -p box:THERE/a b'), '0 codexfs: cp: not kept: mode of 1 file\n');
        assert.is((await stat(here.join('b'))).mtimeMs, now * 1_000);
        assert.is(await run('cp --preserve=times box:THERE/a c'), '0 ');
        assert.is((await stat(here.join('c'))).mtimeMs, now * 1_000);
        assert.is(await run('cp -u box:THERE/a c -v').then((said) => / 1 skipped/.test(said)), true);
      }));

    test(
      '--no-exec cp -a box:THERE/d e',
      () =>
        withServer(start, async ({ here, there, run }) => {
          await mkdir(there.join('d'));
          await put(there.join('d/a'), 'A', now);
          await put(there.join('d/b'), 'B', now + 1);
          assert.is(await run('--no-exec cp -a box:THERE/d e'), '0 codexfs: cp: not kept: mode of 2 files\n');
          assert.is((await stat(here.join('e/b'))).mtimeMs, (now + 1) * 1_000);
          await put(here.join('e/a'), 'changed', now + 10);
          await put(there.join('d/b'), 'newer', now + 10);
          await put(there.join('d/c'), 'C', now);
          assert.is(await run('cp -T -ru box:THERE/d e'), '0 ');
          const contents = ['a', 'b', 'c'].map((name) => readFile(here.join('e', name), 'utf8'));
          assert.equal(await Promise.all(contents), ['changed', 'newer', 'C']);
          assert.match(await run('cp -T -rn -v box:THERE/d e'), /copied 0 files in .*, 3 skipped/);
        }),
      { timeoutMs },
    );

    test('--no-exec cp -p a b box:THERE', () =>
      withServer(start, async ({ here, run }) => {
        await writeFile(here.join('a'), 'A');
        await writeFile(here.join('b'), 'B');
        const said = '0 codexfs: cp: not kept: mode of 2 files, times of 2 files\n';
        assert.is(await run('--no-exec cp -p a b box:THERE'), said);
      }));

    test('cp --bwlimit 1M a box:THERE/b', () => limited(start, 'cp --bwlimit 1M a box:THERE/b'), { timeoutMs });
    test('cp --bwlimit 1M a c box:THERE', () => limited(start, 'cp --bwlimit 1M a c box:THERE'), { timeoutMs });
    test('cp --bwlimit 1M - box:THERE/b', () => limited(start, 'cp --bwlimit 1M - box:THERE/b'), { timeoutMs });

    test(
      'cp --window 64K --chunk 3000 a box:THERE/b',
      () =>
        withServer(start, async ({ here, there, run }) => {
          const content = contentOf(1_000_000);
          await writeFile(here.join('a'), content);
          assert.is(await run('cp --window 64K --chunk 3000 a box:THERE/b'), '0 ');
          const traced = await run('cp --window 64K --chunk 3000 box:THERE/b c', { env: { CODEXFS_DEBUG: 'rpc' } });
          const asked = [...traced.matchAll(/"(?:len|maxBytes)":(\d+)/g)].map(([, bytes]) => Number(bytes));
          assert.ok(asked.length > 300 && Math.max(...asked) <= 3000, `${asked.length} reads`);
          assert.ok((await readFile(here.join('c'))).equals(content));
          assert.ok((await readFile(there.join('b'))).equals(content));
        }),
      { timeoutMs },
    );
  });
}

/** Two MiB in all take at least as long as a limit of one says. */
async function limited(start: () => ReturnType<(typeof benchServers)[string]>, line: string): Promise<void> {
  await withServer(start, async ({ here, there, run }) => {
    const parts = line.includes(' a c ') ? 2 : 1;
    for (const name of ['a', 'c']) await writeFile(here.join(name), contentOf((2 * 1024 * 1024) / parts));
    const startedAt = performance.now();
    assert.is(await run(line, { stdin: await readFile(here.join('a')) }), '0 ');
    const elapsedMs = performance.now() - startedAt;
    assert.ok(elapsedMs > 1_700 && elapsedMs < 5_000, `it took ${elapsedMs} ms`);
    const copied = await readdir(there.path);
    assert.is(copied.length, parts);
    for (const name of copied)
      assert.ok(
        (await readFile(there.join(name))).equals(
          await readFile(here.join('a').replace(/a$/, name === 'c' ? 'c' : 'a')),
        ),
      );
  });
}

/** Runs a cp on a terminal of its own, whose person types `typed`; what the terminal showed. */
async function onTerminal({ server, here, there }: ServerBench, words: string, typed: string): Promise<string> {
  const command = `${process.execPath} ${codexfsProgram} --remote box=${server.remote} ${words.replaceAll('THERE', there.path)}; echo status $?`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: here.path, stdio: ['pipe', 'pipe', 'inherit'] });
  const shown: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => shown.push(piece));
  child.stdin.write(typed);
  await once(child, 'close');
  return Buffer.concat(shown).toString('utf8').replaceAll(there.path, 'THERE');
}

describe('codexfs cp -i', (test) => {
  const start = benchServers['codexfs serve'];
  assert.ok(start !== undefined);

  for (const [typed, content] of [
    ['y\n', 'new'],
    ['yes\n', 'new'],
    ['n\n', 'old'],
    ['\n', 'old'],
    ['\u0004', 'old'],
  ] as const) {
    test(
      `cp -i a box:THERE/b, answered with ${JSON.stringify(typed)}`,
      () =>
        withServer(start, async (bench) => {
          await writeFile(bench.here.join('a'), 'new');
          await writeFile(bench.there.join('b'), 'old');
          const shown = await onTerminal(bench, 'cp -i a box:THERE/b', typed);
          assert.match(shown, /codexfs: cp: overwrite box:THERE\/b\? /);
          assert.match(shown, /status 0/);
          assert.is(await readFile(bench.there.join('b'), 'utf8'), content);
        }),
      { timeoutMs },
    );
  }

  test(
    'cp -i a c new box:THERE asks about each that exists',
    () =>
      withServer(start, async (bench) => {
        for (const name of ['a', 'c', 'new']) await writeFile(bench.here.join(name), 'new');
        for (const name of ['a', 'c']) await writeFile(bench.there.join(name), 'old');
        const shown = await onTerminal(bench, 'cp -i a c new box:THERE', 'n\ny\n');
        assert.is(shown.match(/overwrite/g)?.length, 2, shown);
        assert.equal(await tree(bench.there), { a: 'old', c: 'new', new: 'new' });
      }),
    { timeoutMs },
  );

  test('cp -i a box:THERE/b, without a terminal', () =>
    withServer(start, async ({ here, there, run }) => {
      await writeFile(here.join('a'), 'new');
      const message = '-i asks on a terminal, and there is none\nhint: -n keeps what exists, -u what is newer\n';
      assert.is(await run('cp -i a box:THERE/b'), `2 codexfs: cp: ${message}`);
      assert.equal(await readdir(there.path), []);
    }));
});

describe('codexfs cp refuses', (test) => {
  const refusals: readonly (readonly [string, string])[] = [
    ['cp -n -b a box:b', '-b and -n contradict each other'],
    ['cp --continue -n a box:b', '--continue and -n contradict each other'],
    ['cp --continue --atomic box:a b', '--continue and --atomic contradict each other'],
    ['cp --atomic a box:b', '--atomic is for local destinations: servers have no way to rename a file'],
    ['cp --backup= a box:b', '--backup: `` cannot be the end of a name'],
    ['cp --backup=/x a box:b', '--backup: `/x` cannot be the end of a name'],
    ['cp --preserve=owner a box:b', '--preserve: `owner` is not one of mode, times'],
    ['cp --bwlimit fast a box:b', '--bwlimit: `fast` is no size'],
    ['cp --bwlimit 0 a box:b', '--bwlimit: `0` is out of range: at least 1 B'],
    ['cp --chunk 2M a box:b', '--chunk: `2M` is out of range: at most 1.00 MiB'],
    ['cp --window 1K a box:b', '--window: `1K` is out of range: at least 64.0 KiB'],
    ['cp -u - box:b', '-u has no meaning for the standard input'],
    ['cp --verify box:b -', '--verify has no meaning for the standard output'],
  ];
  for (const [line, message] of refusals) {
    test(`${line}: ${message}`, async () => {
      const { runCodexfs } = await import('../helpers/runCodexfs.js');
      const result = await runCodexfs(['--remote', 'box=ws://127.0.0.1:9', ...line.split(' ')]);
      assert.is(result.exitCode, 2, result.stderr);
      assert.is(result.stderr.split('\n')[0], `codexfs: cp: ${message}`);
    });
  }
});

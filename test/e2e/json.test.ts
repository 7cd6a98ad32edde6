// codexfs cp --json: what is on stdout fits the schema and ends in a summary, however the run ends.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { linesIn, recordsIn, summaryIn } from '../helpers/recordsIn.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { codexfsProgram, startCodexfsServe } from '../helpers/servers.js';
import { type SlowProxyOptions, slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const size = 4 * 1024 * 1024;
const timeoutMs = 60_000;

/** A server behind a proxy, and a folder on each side. */
async function setUp(options: Omit<SlowProxyOptions, 'target'> = {}) {
  const server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] });
  const proxy = await slowProxy({ target: server.remote, ...options });
  const [far, near] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
  return {
    server,
    proxy,
    far,
    near,
    async [Symbol.asyncDispose]() {
      for (const part of [proxy, server, far, near]) await part[Symbol.asyncDispose]();
    },
  };
}

type Place = Awaited<ReturnType<typeof setUp>>;

const cp = ({ proxy, near }: Place, words: readonly string[], options = {}) =>
  runCodexfs(['--remote', `box=${proxy.url}`, 'cp', ...words], { cwd: near.path, ...options });

describe('codexfs cp --json', (test) => {
  test('a b box:DIR/ tells what was copied, in whole numbers', async () => {
    await using place = await setUp();
    await writeFile(place.near.join('a'), 'abc');
    await writeFile(place.near.join('b'), '');
    const to = `box:${place.far.path}`;
    const { exitCode, stdout, stderr } = await cp(place, ['--json', 'a', 'b', `${to}/`]);
    assert.equal([exitCode, stderr], [0, '']);
    const records = await recordsIn(stdout);
    const { startedAt, elapsedMs, ...summary } = await summaryIn(stdout);
    const copied = records.slice(0, -1).sort((a, b) => (String(a.from) < String(b.from) ? -1 : 1));
    assert.equal(copied, [
      { v: 1, type: 'copied', from: 'a', to: `${to}/a`, sizeBytes: 3, attempts: 1 },
      { v: 1, type: 'copied', from: 'b', to: `${to}/b`, sizeBytes: 0, attempts: 1 },
    ]);
    assert.equal(summary, {
      v: 1,
      type: 'summary',
      command: 'cp',
      exitStatus: 0,
      signal: null,
      isInterrupted: false,
      itemCount: 2,
      doneCount: 2,
      doneBytes: 3,
      directoryCount: 0,
      skippedCount: 0,
      failedCount: 0,
      partials: [],
      continueWith: null,
    });
    assert.is(new Date(String(startedAt)).toISOString(), startedAt);
    assert.ok(Number.isInteger(elapsedMs));
  });

  test('-r tells of directories, of what is left out, and of failures, and stderr stays what it was', async () => {
    await using place = await setUp();
    await mkdir(place.near.join('t', 'd'), { recursive: true });
    await writeFile(place.near.join('t', 'd', 'a'), 'a');
    await promisify(execFile)('mkfifo', [place.near.join('t', 'fifo')]);
    const to = `box:${place.far.path}/t`;
    const { exitCode, stdout, stderr } = await cp(place, ['--json', '-r', 't', 'nope', `box:${place.far.path}`]);
    assert.is(exitCode, 1);
    assert.match(stderr, 'codexfs: cp: nope: no such file or directory\n');
    const records = await recordsIn(stdout);
    const of = (wanted: string) => records.filter(({ type }) => type === wanted).map(({ v, type, ...rest }) => rest);
    assert.equal(of('directory'), [{ from: 't/d', to: `${to}/d` }]);
    assert.equal(of('skipped'), [{ location: 't/fifo', reason: 'special' }]);
    const error = { from: 'nope', to: `box:${place.far.path}`, code: 'not_found', hint: null, attempts: 1 };
    assert.equal(of('error'), [{ location: 'nope', ...error, message: 'no such file or directory' }]);
    assert.is(of('summary')[0]?.exitStatus, 1);
  });

  test('escapes what a terminal would obey', async () => {
    await using place = await setUp();
    const name = 'a\u009b31m\u202e\u2028\x7f"b';
    await writeFile(place.near.join(name), '');
    const { stdout } = await cp(place, ['--json', name, `box:${place.far.path}/`]);
    const [copied] = await recordsIn(stdout);
    assert.is(copied?.from, name);
    assert.not.match(stdout.toString('utf8'), /[\u007f-\u009f\u2028\u202e]/);
  });

  test('ends with a summary after wrong use too', async () => {
    await using place = await setUp();
    const { exitCode, stdout } = await cp(place, ['--json', 'a', 'b']);
    const records = await recordsIn(stdout);
    assert.equal([exitCode, records.map(({ type }) => type)], [2, ['error', 'summary']]);
    assert.is(records[1]?.exitStatus, 2);
  });

  test('box:a - refuses, for the records would be among the data', async () => {
    await using place = await setUp();
    await writeFile(place.far.join('a'), 'abc');
    const source = `box:${place.far.join('a')}`;
    const refused = await cp(place, ['--json', source, '-']);
    assert.equal([refused.exitCode, refused.stdout.length], [2, 0]);
    assert.match(refused.stderr, /^hint: --report FILE/m);
    const reported = await cp(place, ['--report', 'log', source, '-']);
    assert.equal([reported.exitCode, reported.stdout.toString(), reported.stderr], [0, 'abc', '']);
    const [copied] = await recordsIn(await readFile(place.near.join('log')));
    assert.equal([copied?.from, copied?.to, copied?.sizeBytes], [source, 'standard output', 3]);
  });

  test('--report /no/such/place refuses before anything is copied', async () => {
    await using place = await setUp();
    await writeFile(place.near.join('a'), 'abc');
    const { exitCode, stderr } = await cp(place, ['--report', '/no/such/place', 'a', `box:${place.far.join('b')}`]);
    assert.equal([exitCode, stderr], [2, 'codexfs: cp: --report: /no/such/place: no such file or directory\n']);
    assert.is(await stat(place.far.join('b')).catch(() => 'none'), 'none');
  });

  test('--report /dev/full is a failure beside the copy', async () => {
    await using place = await setUp();
    await writeFile(place.near.join('a'), 'abc');
    const { exitCode, stderr } = await cp(place, ['--report', '/dev/full', 'a', `box:${place.far.join('b')}`]);
    assert.equal([exitCode, stderr], [1, 'codexfs: cp: /dev/full: no space left on device\n']);
    assert.is(await readFile(place.far.join('b'), 'utf8'), 'abc');
  });
});

describe('codexfs cp --json that ends early', (test) => {
  const slow = { bytesPerSecond: 3_000_000 };
  const download = async (place: Place) => {
    await writeFile(place.far.join('a'), contentOf(size));
    return ['--json', '--report', 'log', `box:${place.far.join('a')}`, 'b'];
  };

  /** The summary names the file as it is. */
  const assertPartial = async (place: Place, stdout: Buffer) => {
    const summary = await summaryIn(stdout);
    const { size: bytes } = await stat(place.near.join('b'));
    assert.equal(summary.partials, [{ path: 'b', state: 'partial', bytes, totalBytes: size }]);
    assert.is(await readFile(place.near.join('log'), 'utf8'), stdout.toString('utf8'));
    return summary;
  };

  test(
    'by ^C names the partial file and the way on',
    async () => {
      await using place = await setUp(slow);
      const when = () => place.proxy.passed('down', size / 2);
      const words = await download(place);
      const { signal, stdout } = await cp(place, words, { signalWhen: { signal: 'SIGINT', when } });
      assert.is(signal, 'SIGINT');
      const { exitStatus, signal: told, isInterrupted, continueWith } = await assertPartial(place, stdout);
      assert.equal([exitStatus, told, isInterrupted], [130, 'SIGINT', true]);
      assert.match(String(continueWith), /^codexfs --remote box=\S+ cp --continue --json /);
    },
    { timeoutMs },
  );

  test(
    'by a connection that is cut names the partial file',
    async () => {
      await using place = await setUp(slow);
      const words = await download(place);
      void place.proxy.passed('down', size / 2).then(() => place.proxy.cut());
      const { exitCode, stdout } = await cp(place, ['--retries', '0', ...words]);
      const { exitStatus, failedCount } = await assertPartial(place, stdout);
      assert.equal([exitCode, exitStatus, failedCount], [10, 10, 1]);
    },
    { timeoutMs },
  );

  for (const again of [true, false]) {
    test(
      `by ^C while the server is stuck${again ? ', and a second one,' : ''} says that nobody knows how much is there`,
      async () => {
        await using place = await setUp(slow);
        await writeFile(place.near.join('a'), contentOf(size));
        const { pid = -1 } = place.server;
        const when = async () => {
          await place.proxy.passed('up', size / 2);
          process.kill(pid, 'SIGSTOP');
        };
        const soon = () => new Promise((resolve) => setTimeout(resolve, 100));
        const signalWhen = { signal: 'SIGINT', when, ...(again ? { again: soon } : {}) } as const;
        const to = `box:${place.far.join('b')}`;
        const { signal, stdout } = await cp(place, ['--json', 'a', to], { signalWhen });
        process.kill(pid, 'SIGCONT');
        assert.is(signal, 'SIGINT');
        const { partials, exitStatus } = await summaryIn(stdout);
        const [partial] = partials as readonly { readonly path: string; readonly state: string }[];
        assert.equal([partial?.path, partial?.state, exitStatus], [to, 'unknown', 130]);
      },
      { timeoutMs },
    );
  }

  test(
    'by ^C while nobody reads stdout writes whole lines only',
    async () => {
      await using place = await setUp();
      await mkdir(place.far.join('t'));
      // Names in the order in which they are copied: the signal comes long before the last one.
      for (let index = 1_000; index < 4_000; index++) await writeFile(place.far.join('t', `file-${index}`), 'x');
      const words = ['--remote', `box=${place.proxy.url}`, 'cp', '--json', '-r', `box:${place.far.join('t')}`, '.'];
      const child = spawn(process.execPath, [codexfsProgram, ...words], {
        cwd: place.near.path,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const among = place.near.join('t', 'file-1500');
      while (!(await stat(among).catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
      const [, signal] = await once(child, 'exit');
      assert.is(signal, 'SIGINT');
      const pieces: Buffer[] = [];
      for await (const piece of child.stdout) pieces.push(piece);
      const records = await linesIn(Buffer.concat(pieces));
      assert.ok(records.length > 100, `${records.length} records`);
    },
    { timeoutMs },
  );
});

describe('codexfs cp --progress=json', (test) => {
  test('writes progress as whole lines to stderr, the last one at the end', async () => {
    await using place = await setUp({ bytesPerSecond: 2_000_000 });
    await writeFile(place.near.join('a'), contentOf(size));
    await writeFile(place.near.join('b'), '');
    const words = ['--progress=json', 'a', 'b', `box:${place.far.path}/`];
    const { exitCode, stdout, stderr } = await cp(place, words);
    assert.equal([exitCode, stdout.length], [0, 0]);
    assert.not.match(stderr, '\r');
    const records = await linesIn(stderr);
    const last: Partial<(typeof records)[number]> = records.at(-1) ?? {};
    const percents = records.map(({ percent }) => Number(percent));
    assert.ok(records.length >= 2 && percents.every((percent, index) => percent >= (percents[index - 1] ?? 0)), stderr);
    const { files, bytes, totalBytes, doneCount, isTotalFinal } = last;
    assert.equal(
      { files, bytes, totalBytes, doneCount, isTotalFinal },
      {
        files: [],
        bytes: size,
        totalBytes: size,
        doneCount: 2,
        isTotalFinal: true,
      },
    );
  });
});

describe('codexfs cp --json | jq -e', (test) => {
  test('tells success from failure', async () => {
    const hasJq = await promisify(execFile)('jq', ['--version']).catch(() => undefined);
    if (hasJq === undefined) return;
    await using place = await setUp();
    await writeFile(place.near.join('a'), 'abc');
    const jq = async (source: string, expression: string) => {
      const line = `"$0" "$1" cp --json ${source} "$2" 2>/dev/null | tail -n 1 | jq -e '${expression}'`;
      const words = ['-c', line, process.execPath, codexfsProgram, `${place.proxy.url}${place.far.join('b')}`];
      return (await promisify(execFile)('sh', words, { cwd: place.near.path })).stdout;
    };
    assert.is(await jq('a', '.type == "summary" and .exitStatus == 0 and .doneBytes == 3'), 'true\n');
    assert.is(await jq('nope', '.type == "summary" and .exitStatus == 3 and .partials == []'), 'true\n');
  });
});

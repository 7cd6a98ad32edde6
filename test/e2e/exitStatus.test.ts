// Exit statuses that need something to go wrong half-way, and what is said of the file that is left. The statuses of wrong
// input are in badInput.test.ts, those of signals in interrupt.test.ts.

import { spawn } from 'node:child_process';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type EvilServer, evilServer, fail, helloOfExecServer, type Script } from '../helpers/evilServer.js';
import { killNow } from '../helpers/processes.js';
import { type RunOptions, type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { codexfsProgram, type ServerOptions, startCodexfsServe } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { unavailable } from '../helpers/unavailable.js';

const size = 4 * 1024 * 1024;
const content = contentOf(size, 13);

/** codexfs's own server behind a slow proxy, with a file `a` on either side. */
async function setUp(options: Partial<ServerOptions> = {}) {
  const server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'], ...options });
  const proxy = await slowProxy({ target: server.remote, bytesPerSecond: 6_000_000 });
  const [far, near] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
  for (const side of [far, near]) await writeFile(side.join('a'), content);
  return {
    server,
    proxy,
    far,
    near,
    codexfs: (url: string, args: readonly string[], runOptions: RunOptions = {}) =>
      runCodexfs(['--remote', `box=${url}`, ...args], { cwd: near.path, ...runOptions }),
    async [Symbol.asyncDispose]() {
      for (const part of [proxy, server, far, near]) await part[Symbol.asyncDispose]();
    },
  };
}

/** The destination holds the first bytes of the source: as many as the program said, or at most as many where it says so. */
async function assertPartial({ stderr }: RunResult, path: string, shown: string, source = content): Promise<void> {
  const said = /^ {2}partial: (.+) \((up to )?(\d+)(?: of \d+)? bytes\)$/m.exec(stderr);
  const held = await readFile(path);
  assert.ok(held.equals(source.subarray(0, held.length)), 'it is not the beginning of the source');
  assert.is(said?.[1], shown, stderr);
  const bytes = Number(said?.[3]);
  assert.ok(said?.[2] === undefined ? bytes === held.length : held.length <= bytes, `${held.length}: ${stderr}`);
}

function assertEnds({ exitCode, signal, stderr }: RunResult, status: number, line: RegExp): void {
  assert.equal({ exitCode, signal }, { exitCode: status, signal: null }, stderr);
  assert.match(stderr, line);
  assert.not.match(stderr, /^ +at /m);
}

describe('codexfs ends with', (test) => {
  test('0 when everything is in place', async () => {
    await using place = await setUp();
    const result = await place.codexfs(place.server.remote, ['cp', `box:${place.far.join('a')}`, 'b']);
    assert.is(result.exitCode, 0, result.stderr);
    assert.ok((await readFile(place.near.join('b'))).equals(content));
  });

  test('1 when some items failed and the others are in place', async () => {
    await using place = await setUp();
    const { server, far, near, codexfs } = place;
    await writeFile(far.join('c'), 'c');
    const words = ['none', 'c', 'a'].map((name) => `box:${far.join(name)}`);
    const result = await codexfs(server.remote, ['cp', ...words, `${near.path}/`]);
    assertEnds(result, 1, /^codexfs: cp: box:.*\/none: no such file or directory$/m);
    assert.is(await readFile(near.join('c'), 'utf8'), 'c');
    assert.ok((await readFile(near.join('a'))).equals(content));
  });

  for (const [title, change] of [
    ['shrinks', (path: string) => truncate(path, 1000)],
    ['grows', (path: string) => appendFile(path, contentOf(1000))],
  ] as const) {
    test(
      `6 when the source ${title} during the copy`,
      async () => {
        await using place = await setUp();
        const { proxy, far, near, codexfs } = place;
        const running = codexfs(proxy.url, ['cp', `box:${far.join('a')}`, 'b']);
        await proxy.passed('down', size / 2);
        await change(far.join('a'));
        assertEnds(await running, 6, /^codexfs: cp: box:.*\/a: .*changed/m);
        const held = await readFile(near.join('b'));
        assert.ok(held.subarray(0, size).equals(content.subarray(0, held.length)));
      },
      { timeoutMs: 30_000 },
    );
  }

  test(
    '9 when the local destination cannot take it all, and says how much it took',
    async () => {
      await using place = await setUp();
      const { server, far, near, codexfs } = place;
      const result = await codexfs(server.remote, ['cp', `box:${far.join('a')}`, 'b'], {
        wrapper: ['prlimit', '--fsize=3000001'],
      });
      assertEnds(result, 9, /^codexfs: cp: b: file too large$/m);
      await assertPartial(result, near.join('b'), 'b');
    },
    { skip: unavailable('prlimit', '--version') },
  );

  for (const dialect of ['handles', 'blocks']) {
    test(
      `9 when the remote destination cannot take it all, and says how much it took, with ${dialect}`,
      async () => {
        const args = ['--dialects', `${dialect},buffered`];
        await using place = await setUp({ args, wrapper: ['prlimit', '--fsize=3000001'] });
        const { server, far, codexfs } = place;
        const to = `box:${far.join('b')}`;
        const result = await codexfs(server.remote, ['cp', 'a', to]);
        assertEnds(result, 9, /^codexfs: cp: box:.*\/b: file too large$/m);
        await assertPartial(result, far.join('b'), to);
      },
      { skip: unavailable('prlimit', '--version') },
    );
  }

  test(
    '9 when the disk is full',
    async () => {
      await using place = await setUp();
      const { server, far, near, codexfs } = place;
      // The disk is gone with its namespace, so its file is copied out before.
      const script = `mount -t tmpfs -o size=1m tmpfs "$0" && { "$@"; code=$?; cp "$0/b" "$0/../kept"; exit $code; }`;
      const disk = await temporaryDirectory(near.path);
      const result = await codexfs(server.remote, ['cp', `box:${far.join('a')}`, `${disk.path}/b`], {
        wrapper: ['unshare', '-Urm', 'sh', '-c', script, disk.path],
      });
      assertEnds(result, 9, /^codexfs: cp: .*\/b: no space left on device$/m);
      await assertPartial(result, near.join('kept'), `${disk.path}/b`);
    },
    { skip: unavailable('unshare', '-Urm', 'true') },
  );

  for (const [title, end] of [
    ['the connection is cut and not made again', 'cut'],
    ['the server is killed', 'kill'],
  ] as const) {
    test(
      `10 when ${title} half-way down`,
      async () => {
        await using place = await setUp();
        const { proxy, server, far, near, codexfs } = place;
        const running = codexfs(proxy.url, ['cp', '--retries', '0', `box:${far.join('a')}`, 'b']);
        await proxy.passed('down', size / 2);
        if (end === 'cut') proxy.cut();
        else killNow(server.pid ?? -1);
        const result = await running;
        assertEnds(result, 10, /^codexfs: cp: /);
        await assertPartial(result, near.join('b'), 'b');
      },
      { timeoutMs: 30_000 },
    );

    test(
      `10 when ${title} half-way up`,
      async () => {
        await using place = await setUp();
        const { proxy, server, far, codexfs } = place;
        const to = `box:${far.join('b')}`;
        const running = codexfs(proxy.url, ['cp', '--retries', '0', 'a', to]);
        await proxy.passed('up', size / 2);
        if (end === 'cut') proxy.cut();
        else killNow(server.pid ?? -1);
        const result = await running;
        assertEnds(result, 10, /^codexfs: cp: /);
        await assertPartial(result, far.join('b'), to);
      },
      { timeoutMs: 30_000 },
    );
  }

  test('141, quietly, when nobody reads standard output any more', async () => {
    await using place = await setUp();
    const line = '"$0" "$1" --remote "$2" cat "$3" | head -c 1 >/dev/null; exit $PIPESTATUS';
    const words = [process.execPath, codexfsProgram, `box=${place.server.remote}`, `box:${place.far.join('a')}`];
    const child = spawn('bash', ['-c', line, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    assert.equal({ status, stderr }, { status: 141, stderr: '' });
  });
});

/** A server that holds one file of `size` zeros, right or wrong by `script`. */
async function fileServer(script: Script): Promise<EvilServer> {
  const info = { isDirectory: false, isFile: true, isSymlink: false, size, createdAtMs: 0, modifiedAtMs: 5 };
  return evilServer({
    'fs/getMetadata': ({ params }) =>
      String(params.path).endsWith('/a') ? info : fail(-32004, 'No such file or directory (os error 2)'),
    'fs/canonicalize': ({ params }) => ({ path: params.path }),
    'fs/open': ({ params }) => ({ handleId: params.handleId }),
    'fs/close': () => ({}),
    'fs/readBlock': ({ params }) => {
      const length = Math.max(0, Math.min(Number(params.len), size - Number(params.offset)));
      return { chunk: Buffer.alloc(length).toString('base64'), eof: length < Number(params.len) };
    },
    ...script,
  });
}

describe('codexfs with a server that breaks the protocol ends with', (test) => {
  const good = async (script: Script) => {
    await using server = await fileServer(script);
    await using near = await temporaryDirectory();
    const result = await runCodexfs(['cp', `${server.url}/a`, 'b'], { cwd: near.path });
    return { result, held: await readFile(near.join('b')).catch(() => undefined) };
  };

  test('0 if it does not', async () => {
    const { result, held } = await good({});
    assert.is(result.exitCode, 0, result.stderr);
    assert.ok(held?.equals(Buffer.alloc(size)));
  });

  const breaches: Record<string, Script['x']> = {
    'no base64': () => ({ chunk: '****', eof: false }),
    'no chunk': () => ({ eof: false }),
    'more than was asked for': () => ({ chunk: Buffer.alloc(1_048_577).toString('base64'), eof: false }),
    'nothing, and not the end': () => ({ chunk: '', eof: false }),
    'an answer to nothing': (_request, peer) => {
      peer.send({ id: 4711, result: {} });
      return undefined;
    },
    'no JSON': (_request, peer) => {
      peer.send('{"id":');
      return undefined;
    },
  };
  for (const [title, answer] of Object.entries(breaches)) {
    test(`10 when it sends ${title}`, async () => {
      let reads = 0;
      const { result, held } = await good({
        'fs/readBlock': (request, peer) => {
          const length = Math.min(Number(request.params.len), size - Number(request.params.offset));
          if (reads++ < 2) return { chunk: Buffer.alloc(length).toString('base64'), eof: false };
          return answer?.(request, peer);
        },
      });
      assertEnds(result, 10, /^codexfs: cp: /);
      assert.ok(held === undefined || held.equals(Buffer.alloc(held.length)));
      if (held !== undefined && held.length > 0)
        assert.match(result.stderr, `partial: b (${held.length} of ${size} bytes)`);
    });
  }

  test('6 when the file ends before the size that it claims', async () => {
    const { result } = await good({ 'fs/readBlock': () => ({ chunk: 'AAAA', eof: true }) });
    assertEnds(result, 6, /changed/);
  });

  test('10 when it never answers, after the time it was given', async () => {
    await using server = await fileServer({ 'fs/readBlock': () => undefined });
    await using near = await temporaryDirectory();
    await writeFile(near.join('b'), 'precious');
    const result = await runCodexfs(['cp', '--timeout', '1s', `${server.url}/a`, 'b'], { cwd: near.path });
    assertEnds(result, 10, /^codexfs: cp: .*no answer for 1 s/);
    assert.is(await readFile(near.join('b'), 'utf8'), 'precious');
  });

  test('8 when it cannot be written to in pieces and the file is too large for one', async () => {
    const { fileWriteStreaming: _, ...capabilities } = helloOfExecServer.environmentInfo.capabilities;
    const environmentInfo = { ...helloOfExecServer.environmentInfo, capabilities };
    await using server = await fileServer({ initialize: () => ({ ...helloOfExecServer, environmentInfo }) });
    await using near = await temporaryDirectory();
    await writeFile(near.join('big'), contentOf(6 * 1024 * 1024));
    const result = await runCodexfs(['cp', 'big', `${server.url}/b`], { cwd: near.path });
    assertEnds(result, 8, /^codexfs: cp: /);
    assert.equal(
      server.seen.filter(({ method, params }) => method === 'fs/writeFile' || params?.mode === 'replace'),
      [],
    );
  });
});

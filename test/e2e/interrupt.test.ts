// ^C half-way through a slow network: the program dies by the signal, soon, and what it said about the rest is true.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { rawServer } from '../helpers/evilServer.js';
import { descriptorsBelow } from '../helpers/processes.js';
import { type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type SlowProxy, slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const size = 4 * 1024 * 1024;
const content = contentOf(size, 11);
const bytesPerSecond = 3_000_000;

/** The server sees the name and port of the proxy, which are not its own. */
const serve = (...args: string[]) => startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1', ...args] });

const servers: Record<string, () => Promise<TestServer>> = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve with handles': () => serve('--dialects', 'handles,buffered'),
  'codexfs serve with blocks': () => serve('--dialects', 'blocks,buffered'),
};

/** A file on the server's side and one on ours, and a slow way between them. */
async function setUp(start: () => Promise<TestServer>) {
  const server = await start();
  const proxy = await slowProxy({ target: server.remote, bytesPerSecond });
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

function interrupted(args: readonly string[], proxy: SlowProxy, signal: NodeJS.Signals, when: () => Promise<unknown>) {
  return runCodexfs(['--remote', `box=${proxy.url}`, ...args], { signalWhen: { signal, when } });
}

/** The destination holds the first bytes of the source, exactly as many as the program said. */
async function assertPartial(result: RunResult, path: string, shown: string): Promise<void> {
  const { stderr } = result;
  const said = /^ {2}partial: (.+) \((\d+) of (\d+) bytes\)$/m.exec(stderr);
  const held = await readFile(path);
  assert.equal(said?.slice(1), [shown, String(held.length), String(size)], stderr);
  assert.ok(held.length < size, 'the copy was over before the signal');
  assert.ok(held.equals(content.subarray(0, held.length)));
  assert.match(stderr, /^codexfs: interrupted/m);
  assert.not.match(stderr, /^ +at |\r/m);
}

async function assertReleased({ pid }: TestServer, folder: string): Promise<void> {
  await eventually(async () => (await descriptorsBelow(pid ?? -1, folder)).length === 0);
}

for (const [name, start] of Object.entries(servers)) {
  describe(`^C while codexfs copies, ${name}`, (test) => {
    test(
      'cp box:FILE FILE dies by SIGINT within a second and names the partial file',
      async () => {
        await using place = await setUp(start);
        const { server, proxy, far, near } = place;
        await writeFile(far.join('a'), content);
        const result = await interrupted(['cp', `box:${far.join('a')}`, near.join('b')], proxy, 'SIGINT', () =>
          proxy.passed('down', size / 2),
        );
        assert.is(result.signal, 'SIGINT', result.stderr);
        await assertPartial(result, near.join('b'), near.join('b'));
        await assertReleased(server, far.path);
        assert.ok((result.endedAfterMs ?? Infinity) < 1_000, `it took ${result.endedAfterMs} ms`);
      },
      { timeoutMs: 30_000 },
    );

    test(
      'cp FILE box:FILE dies by SIGINT within a second and names the partial file',
      async () => {
        await using place = await setUp(start);
        const { server, proxy, far, near } = place;
        await writeFile(near.join('a'), content);
        const result = await interrupted(['cp', near.join('a'), `box:${far.join('b')}`], proxy, 'SIGINT', () =>
          proxy.passed('up', size / 2),
        );
        assert.is(result.signal, 'SIGINT', result.stderr);
        await assertPartial(result, far.join('b'), `box:${far.join('b')}`);
        await assertReleased(server, far.path);
        assert.ok((result.endedAfterMs ?? Infinity) < 1_000, `it took ${result.endedAfterMs} ms`);
      },
      { timeoutMs: 30_000 },
    );
  });
}

describe('codexfs that is asked to end', (test) => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    test(`dies by ${signal}, and names the partial file`, async () => {
      await using place = await setUp(serve);
      const { proxy, far, near } = place;
      await writeFile(far.join('a'), content);
      const result = await interrupted(['cp', `box:${far.join('a')}`, near.join('b')], proxy, signal, () =>
        proxy.passed('down', size / 2),
      );
      assert.is(result.signal, signal, result.stderr);
      await assertPartial(result, near.join('b'), near.join('b'));
    });
  }

  test('before it has connected dies by the signal and leaves no file', async () => {
    await using place = await setUp(serve);
    let heard: () => void = () => {};
    const request = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await using silent = await rawServer((socket) => socket.once('data', () => heard()));
    const args = ['cp', `ws://127.0.0.1:${silent.port}/a`, place.near.join('b')];
    const result = await runCodexfs(args, { signalWhen: { signal: 'SIGINT', when: () => request } });
    assert.is(result.signal, 'SIGINT', result.stderr);
    assert.not.match(result.stderr, 'partial');
    assert.is(await readFile(place.near.join('b'), 'utf8').catch(() => 'none'), 'none');
  });
});

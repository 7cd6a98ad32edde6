// `codexfs serve` as a process: what it prints, what it refuses, and how it ends.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { spawnStdioServer } from '../../src/transport/stdio.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { describe, rejection } from '../helpers/describe.js';
import { RawClient } from '../helpers/rawClient.js';
import { repositoryRoot } from '../helpers/repository.js';
import { codexfsProgram } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Serving extends AsyncDisposable {
  readonly child: ReturnType<typeof spawn>;
  readonly ended: Promise<Ended>;
  readonly stdout: string;
  readonly url: string;
  stderr(): string;
}

/** The command once it has printed its first line. */
async function serving(args: readonly string[], nodeArgs: readonly string[] = [], env: object = {}): Promise<Serving> {
  const child = spawn(process.execPath, [...nodeArgs, codexfsProgram, 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const ended: Promise<Ended> = once(child, 'exit').then(([status, signal]) => ({ status, signal }));
  const [stdout] = (await once(child.stdout, 'data')).map(String);
  return {
    child,
    ended,
    stdout: stdout ?? '',
    url: (stdout ?? '').trim(),
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function clientOf(url: string): Promise<RawClient> {
  const client = new RawClient(await connectWebSocket(url));
  await client.initialize();
  return client;
}

/** The status and stderr of a command that does not begin to serve. */
function refusal(...args: string[]): Promise<{ status: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [codexfsProgram, 'serve', ...args], (error, _stdout, stderr) => {
      resolve({ status: error?.code, stderr });
    });
  });
}

describe('codexfs serve', (test) => {
  test('prints its URL alone on stdout, and on stderr that everyone may come', async () => {
    await using server = await serving([]);
    assert.match(server.stdout, /^ws:\/\/127\.0\.0\.1:\d+\n$/);
    await (await clientOf(server.url)).close();
    assert.match(server.stderr(), /^codexfs: serve: no authentication:[^\n]*\n$/);
  });

  test('serves a client over stdio and ends with it', async () => {
    const transport = await spawnStdioServer({
      program: process.execPath,
      args: [codexfsProgram, 'serve', '--listen', 'stdio'],
    });
    const client = new RawClient(transport);
    await client.initialize();
    assert.equal(await client.result('fs/canonicalize', { path: '/' }), { path: '/' });
    await client.close();
  });

  test('--ws-token-file lets in who has the token, and says nothing of it', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('token');
    await writeFile(file, 'the-secret-token\n', { mode: 0o600 });
    await using server = await serving(['--ws-auth', 'capability-token', '--ws-token-file', file]);
    assert.match((await rejection(connectWebSocket(server.url))).message, /401/);
    const transport = await connectWebSocket(server.url, { token: 'the-secret-token' });
    await new RawClient(transport).close();
    assert.is(server.stderr(), '');
    await chmod(file, 0o644);
    const { status, stderr } = await refusal('--ws-auth', 'capability-token', '--ws-token-file', file);
    assert.is(status, 2);
    assert.match(stderr, /can be read by others/);
  });

  test('--ws-token-sha256 lets in who has the token', async () => {
    const digest = createHash('sha256').update('s3cret').digest('hex');
    await using server = await serving(['--ws-auth', 'capability-token', '--ws-token-sha256', digest]);
    assert.match((await rejection(connectWebSocket(server.url, { token: digest }))).message, /401/);
    await new RawClient(await connectWebSocket(server.url, { token: 's3cret' })).close();
  });

  test('--root, --read-only and --dialects reach the server', async () => {
    await using directory = await temporaryDirectory();
    await using server = await serving(['--root', directory.path, '--read-only', '--dialects', 'buffered']);
    const client = await clientOf(server.url);
    assert.match(await client.refusal('fs/getMetadata', { path: '/' }), /leads out of the served directory/);
    assert.match(await client.refusal('fs/createDirectory', { path: directory.join('x') }), /Read-only/);
    assert.match(await client.refusal('fs/open', {}), /^-32601/);
    await client.close();
  });

  test('--allow-host lets clients use that name', async () => {
    await using server = await serving(['--allow-host', 'one.example', '--allow-host', 'localtest.example']);
    const { port } = new URL(server.url);
    const options = { headers: { Host: 'localtest.example' } };
    const { get } = await import('node:http');
    const [response] = await once(get(`http://127.0.0.1:${port}/readyz`, options), 'response');
    response.resume();
    assert.is(response.statusCode, 200);
  });

  test('--help and the manual tell of the same options', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [codexfsProgram, 'serve', '--help']);
    const manual = await readFile(join(repositoryRoot, 'man/codexfs-serve.1'), 'utf8');
    const ofHelp = [...stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name);
    const ofManual = [...manual.matchAll(/^\.It Fl -([\w-]+)/gm)].map(([, name]) => name);
    assert.equal(ofManual.sort(), ofHelp.filter((name) => name !== 'help').sort());
  });

  for (const [args, text] of [
    [['--listen', 'ws://0.0.0.0:0'], /without authentication/],
    [['--listen', 'ws://localhost:0'], /expected ws:\/\/IP:PORT or stdio/],
    [['--listen', 'http://127.0.0.1:0'], /expected ws:\/\/IP:PORT or stdio/],
    [['--ws-auth', 'capability-token'], /needs --ws-token-file or --ws-token-sha256/],
    [['--ws-auth', 'password'], /password/],
    [['--ws-token-sha256', '0'.repeat(64)], /needs --ws-auth/],
    [['--ws-auth', 'capability-token', '--ws-token-sha256', 'x'], /64 hexadecimal digits/],
    [
      ['--ws-auth', 'capability-token', '--ws-token-sha256', '0'.repeat(64), '--ws-token-file', '/x'],
      /exclude each other/,
    ],
    [['--root', '/no/such/place'], /cannot serve --root/],
    [['--dialects', 'handles,morse'], /unknown dialect `morse`/],
  ] as const) {
    test(`${args.join(' ').replaceAll('0'.repeat(64), '000…')} is wrong use`, async () => {
      const { status, stderr } = await refusal(...args);
      assert.is(status, 2, stderr);
      assert.match(stderr, text);
      assert.match(stderr.split('\n')[0] ?? '', /^codexfs: serve: /);
    });
  }

  test('on a port in use ends with 7', async () => {
    await using server = await serving([]);
    const { status, stderr } = await refusal('--listen', server.url);
    assert.is(status, 7);
    assert.match(stderr, /the port is in use/);
  });

  test('ends well on SIGTERM, with its clients told', async () => {
    await using server = await serving([]);
    const client = await clientOf(server.url);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, { status: 0, signal: null });
    assert.match((await client.record.closed).text, /1001: the server is stopping/);
  });

  test('dies of SIGINT and SIGHUP', async () => {
    for (const signal of ['SIGINT', 'SIGHUP'] as const) {
      await using server = await serving([]);
      server.child.kill(signal);
      assert.equal(await server.ended, { status: null, signal });
    }
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`ends within two seconds of ${signal} although an operation is stuck`, async () => {
      await using directory = await temporaryDirectory();
      const fifo = directory.join('fifo');
      await promisify(execFile)('mkfifo', [fifo]);
      const preload = join(repositoryRoot, 'dist/test/helpers/stuckReads.js');
      await using server = await serving([], ['--import', preload], { STUCK_FIFO: fifo });
      const client = await clientOf(server.url);
      // One for each thread of the pool, so that no other file operation gets through either.
      for (let id = 100; id < 104; id++) client.send({ id, method: 'fs/readFile', params: { path: fifo } });
      await client.result('environment/info');
      const toldAt = performance.now();
      server.child.kill(signal);
      const { status, signal: diedOf } = await server.ended;
      assert.equal([status, diedOf], [null, signal]);
      assert.ok(performance.now() - toldAt < 2_000);
    });
  }

  test('goes on when its stdout and stderr are closed', async () => {
    await using server = await serving([]);
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    for (let count = 0; count < 3; count++) {
      const client = await clientOf(server.url);
      assert.equal(await client.result('fs/canonicalize', { path: '/' }), { path: '/' });
      await client.close();
    }
    assert.is(server.child.exitCode, null);
  });

  test('serves from a working directory that is gone, without HOME', async () => {
    await using directory = await temporaryDirectory();
    const script = `cd ${directory.path} && rmdir ${directory.path} && exec env -i ${process.execPath} ${codexfsProgram} serve`;
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    const [url] = (await once(child.stdout, 'data')).map(String);
    const client = await clientOf((url ?? '').trim());
    assert.equal(await client.result('fs/canonicalize', { path: '/' }), { path: '/' });
    await client.close();
    child.kill('SIGTERM');
    await ended;
  });
});

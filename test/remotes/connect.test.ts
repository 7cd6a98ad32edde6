// Connecting: a token travels encrypted or not at all, and a server that fails its handshake is left at once.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as assert from 'uvu/assert';
import { CancelledError, ConnectError, UsageError } from '../../src/errors.js';
import { addressOf, type ConnectOptions, connectRemote } from '../../src/remotes/connect.js';
import { urlRemote } from '../../src/remotes/registry.js';
import { Secret } from '../../src/remotes/Secret.js';
import { describe, rejection } from '../helpers/describe.js';

const token = 'very-secret-token';

/** A listener that refuses every upgrade and keeps the headers of those it saw. */
async function listener() {
  const seen: (string | undefined)[] = [];
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket) => {
    seen.push(request.headers.authorization);
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const connect = (url: string, options: ConnectOptions = {}) =>
  connectRemote(urlRemote(url), { connectTimeoutMs: 2_000, ...options });

describe('a token', (test) => {
  for (const host of [
    '192.0.2.1:9',
    'example.invalid:9',
    'localhost.example.invalid',
    '127.0.0.1.example.invalid',
    '[2001:db8::1]:9',
    '0.0.0.0:9',
  ]) {
    test(`does not travel in the clear to ${host}`, async () => {
      const error = await rejection(connect(`ws://${host}`, { token }), UsageError);
      assert.match(error.message, 'unencrypted');
      assert.match(error.hint ?? '', 'wss://');
      assert.not.match(`${error.message}${error.hint}${error.stack}`, token);
    });
  }

  for (const host of ['127.0.0.1', 'localhost', '127.1']) {
    test(`travels within this host: ${host}`, async () => {
      await using server = await listener();
      const error = await rejection(connect(`ws://${host}:${server.port}`, { token }), ConnectError);
      assert.is(error.phase, 'authenticate');
      assert.equal(server.seen, [`Bearer ${token}`]);
      assert.not.match(`${error.message}${error.hint}${error.stack}`, token);
    });
  }

  test('comes from the options before the definition, and from the last resort behind it', async () => {
    await using server = await listener();
    const own = { ...urlRemote(`ws://127.0.0.1:${server.port}`), token: new Secret('own') };
    const plain = urlRemote(`ws://127.0.0.1:${server.port}`);
    await rejection(connectRemote(own, { token: 'given', tokenOfLastResort: 'last' }), ConnectError);
    await rejection(connectRemote(own, { tokenOfLastResort: 'last' }), ConnectError);
    await rejection(connectRemote(plain, { tokenOfLastResort: 'last' }), ConnectError);
    assert.equal(server.seen, ['Bearer given', 'Bearer own', 'Bearer last']);
  });

  test('of a definition does not travel in the clear either', async () => {
    const remote = { ...urlRemote('ws://192.0.2.1:9'), token: new Secret(token) };
    assert.match((await rejection(connectRemote(remote), UsageError)).message, 'unencrypted');
  });

  test('is not sent where there is none', async () => {
    await using server = await listener();
    await rejection(connect(`ws://127.0.0.1:${server.port}`), ConnectError);
    assert.equal(server.seen, [undefined]);
  });
});

describe('connecting', (test) => {
  test('fails with the address and without a token where nobody listens', async () => {
    const server = await listener();
    await server[Symbol.asyncDispose]();
    const url = `ws://127.0.0.1:${server.port}`;
    const error = await rejection(connect(url, { token }), ConnectError);
    assert.equal([error.phase, error.url], ['connect', url]);
  });

  test('does not begin when it was cancelled before', async () => {
    await using server = await listener();
    const signal = AbortSignal.abort(new CancelledError());
    await rejection(connect(`ws://127.0.0.1:${server.port}`, { signal }), CancelledError);
    assert.is(server.seen.length, 0);
  });

  test('ends the child whose handshake fails', async () => {
    const command = { program: process.execPath, args: ['-e', 'process.stdin.resume(); console.log("{}")'] };
    const spec = { name: 'box', origin: 'a test', target: { kind: 'command', command } } as const;
    const error = await rejection(connectRemote(spec), ConnectError);
    assert.is(error.phase, 'handshake');
  });

  test('takes as long as the definition says, unless the options say something else', async () => {
    const silent = { program: 'sleep', args: ['1000'] };
    const spec = { name: 'box', origin: 'a test', target: { kind: 'command', command: silent } } as const;
    const { message } = await rejection(connectRemote({ ...spec, initializeTimeoutMs: 150 }), ConnectError);
    assert.match(message, 'no answer for 0.15 s');
    const options = { connectTimeoutMs: 120 };
    const error = await rejection(connectRemote({ ...spec, initializeTimeoutMs: 60_000 }, options), ConnectError);
    assert.match(error.message, 'no answer for 0.12 s');
    const deaf = createServer();
    const held: Duplex[] = [];
    deaf.on('upgrade', (_request, socket) => held.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const { port } = deaf.address() as AddressInfo;
    const late = await rejection(
      connectRemote({ ...urlRemote(`ws://127.0.0.1:${port}`), connectTimeoutMs: 130 }),
      ConnectError,
    );
    assert.match(late.message, 'no answer for 0.13 s');
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));
  });

  test('shows no query of a URL', async () => {
    await using server = await listener();
    const error = await rejection(connect(`ws://127.0.0.1:${server.port}/a?ticket=secret`), ConnectError);
    assert.is(error.url, `ws://127.0.0.1:${server.port}/a?…`);
    assert.not.match(`${error.message}${error.hint}`, 'secret');
  });

  test('says how a server is reached', () => {
    assert.is(addressOf(urlRemote('ws://h:1')), 'ws://h:1');
    const command = { program: 'ssh', args: ['vm', 'codex'] };
    assert.is(addressOf({ name: 'a', origin: 'b', target: { kind: 'command', command } }), 'ssh vm codex');
  });
});

// WebSockets: both halves together, and what is said of everything that is not an exec-server.

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import * as assert from 'uvu/assert';
import { CancelledError, ConnectError } from '../../src/errors.js';
import type { Transport } from '../../src/transport/Transport.js';
import { connectWebSocket, WebSocketAcceptor, type WebSocketOptions } from '../../src/transport/webSocket.js';
import { describe, rejection } from '../helpers/describe.js';
import { evilServer, rawServer } from '../helpers/evilServer.js';
import { rawFrame, upgradeAnswer } from '../helpers/rawFrames.js';
import { recordTransport } from '../helpers/recordTransport.js';

/** An acceptor behind an HTTP server. */
async function acceptingServer(maxMessageBytes = 1_000_000) {
  const acceptor = new WebSocketAcceptor(maxMessageBytes);
  const http = createServer();
  const requests: IncomingMessage[] = [];
  const accepted = new Promise<Transport>((resolve) => {
    http.on('upgrade', (request, socket, head) => {
      requests.push(request);
      acceptor.accept(request, socket, head, resolve);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    accepted,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function connectedPair(maxMessageBytes?: number) {
  const server = await acceptingServer(maxMessageBytes);
  const client = await connectWebSocket(server.url);
  const accepted = await server.accepted;
  return {
    client,
    server: accepted,
    clientRecord: recordTransport(client),
    serverRecord: recordTransport(accepted),
    async [Symbol.asyncDispose]() {
      await Promise.all([client.close('the test is over'), accepted.close('the test is over')]);
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a WebSocket transport', (test) => {
  test('carries messages both ways, in order', async () => {
    await using pair = await connectedPair();
    for (const text of ['a', '✓', 'x'.repeat(500_000)]) void pair.client.send(Buffer.from(text));
    assert.equal(await pair.serverRecord.received(3), ['a', '✓', 'x'.repeat(500_000)]);
    await pair.server.send(Buffer.from('{"id":1}'));
    assert.equal(await pair.clientRecord.received(1), ['{"id":1}']);
  });

  test('keeps what comes before it is started', async () => {
    await using server = await acceptingServer();
    const client = await connectWebSocket(server.url);
    const accepted = await server.accepted;
    await accepted.send(Buffer.from('early'));
    await accepted.close('done');
    await new Promise((resolve) => setImmediate(resolve));
    const record = recordTransport(client);
    const reason = await record.closed;
    assert.equal(record.messages, ['early']);
    assert.equal(reason.text, 'the server closed the connection (1000: done)');
    assert.is(record.closings, 1);
  });

  test('tells each side why it ended', async () => {
    await using pair = await connectedPair();
    await pair.client.close('the copy is done');
    await pair.client.close('something later');
    assert.equal(await pair.clientRecord.closed, { text: 'the copy is done', local: true });
    const { text, local } = await pair.serverRecord.closed;
    assert.equal({ text, local }, { text: 'the client closed the connection (1000: the copy is done)', local: false });
  });

  test('closes with a reason of any length and any characters', async () => {
    for (const reason of ['x'.repeat(5_000), '✓'.repeat(100), `${'x'.repeat(121)}😀`, '\ud800', '']) {
      await using pair = await connectedPair();
      await pair.client.close(reason);
      assert.is((await pair.clientRecord.closed).text, reason);
      assert.match((await pair.serverRecord.closed).text, /^the client closed the connection/);
    }
  });

  test('resolves sends after the end', async () => {
    await using pair = await connectedPair();
    await pair.client.close('done');
    await pair.client.send(Buffer.from('late'));
    await pair.serverRecord.closed;
    await pair.server.send(Buffer.from('late'));
    assert.equal(pair.serverRecord.messages, []);
  });

  test('ends when a message is larger than it takes', async () => {
    await using pair = await connectedPair(1000);
    await pair.client.send(Buffer.alloc(1001, 'x'));
    assert.match((await pair.serverRecord.closed).text, /the connection failed: Max payload size exceeded/);
    assert.match((await pair.clientRecord.closed).text, /the server closed the connection \(1009\)/);
  });

  test('ends at a message larger than it takes now, before it is whole', async () => {
    await using server = await evilServer({
      initialize: (_request, peer) => {
        peer.raw(rawFrame(Buffer.alloc(300_000, 'x'), { announcedBytes: 10_000_000 }));
        return undefined;
      },
    });
    const transport = await connectWebSocket(server.url);
    transport.limitMessages?.(200_000);
    const record = recordTransport(transport);
    await transport.send(Buffer.from('{"id":1,"method":"initialize"}'));
    const { text } = await record.closed;
    assert.is(text, 'the connection failed: the server sent a message of more than 200000 bytes');
  });

  test('takes any number of messages, each within its limit', async () => {
    await using pair = await connectedPair();
    pair.client.limitMessages?.(1_000);
    for (let count = 0; count < 400; count++) void pair.server.send(Buffer.alloc(1_000, 'x'));
    assert.is((await pair.clientRecord.received(400)).length, 400);
  });

  test('says that a client goes, and does not wait for an answer to that', async () => {
    const seen: string[] = [];
    let settleOver = () => {};
    const over = new Promise<void>((resolve) => {
      settleOver = resolve;
    });
    await using server = await rawServer((socket) => {
      socket.once('data', (request: Buffer) => {
        socket.write(upgradeAnswer(request));
        socket.on('data', ([first = 0]: Buffer) => seen.push(first === 0x88 ? 'close frame' : 'something else'));
        socket.on('end', () => {
          seen.push('end');
          settleOver();
        });
      });
    });
    const client = await connectWebSocket(`ws://127.0.0.1:${server.port}`);
    const record = recordTransport(client);
    await client.close('done');
    assert.equal(await record.closed, { text: 'done', local: true });
    await over;
    assert.equal(seen, ['close frame', 'end']);
  });

  test('holds messages back while it is paused, and closes all the same', async () => {
    await using pair = await connectedPair();
    pair.server.pause();
    await pair.client.send(Buffer.from('held'));
    await pair.server.close('done');
    assert.equal(await pair.serverRecord.closed, { text: 'done', local: true });
  });

  test('sends a token only if it has one', async () => {
    for (const [token, header] of [
      ['secret', 'Bearer secret'],
      [undefined, undefined],
    ] as const) {
      await using server = await acceptingServer();
      const client = await connectWebSocket(server.url, { token });
      assert.is(server.requests[0]?.headers.authorization, header);
      assert.is(server.requests[0]?.headers.origin, undefined);
      assert.is(server.requests[0]?.headers['sec-websocket-extensions'], undefined);
      await Promise.all([client.close('done'), (await server.accepted).close('done')]);
    }
  });

  test('sees the end of a peer that vanishes', async () => {
    const sockets: Socket[] = [];
    await using server = await rawServer((socket) => {
      sockets.push(socket);
      socket.once('data', (head) => socket.write(upgradeAnswer(head.toString('latin1'))));
    });
    const client = await connectWebSocket(`ws://127.0.0.1:${server.port}`);
    const record = recordTransport(client);
    sockets[0]?.resetAndDestroy();
    const { text, local } = await record.closed;
    assert.match(text, /^the (connection failed: .*ECONNRESET|server closed the connection without a word)$/);
    assert.is(local, false);
    assert.is(record.closings, 1);
  });
});

async function connectErrorOf(url: string, options: WebSocketOptions = {}) {
  const { phase, code, message, hint, url: shownUrl } = await rejection(connectWebSocket(url, options), ConnectError);
  assert.is(shownUrl, url);
  return { phase, code, message: message.replace(/127\.0\.0\.1:\d+/, 'HOST'), hasHint: hint !== undefined };
}

describe('connecting to', (test) => {
  const answers: Record<string, { answer: string; phase: ConnectError['phase']; message: string; hasHint?: boolean }> =
    {
      'a server that wants a token': {
        answer: 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n',
        phase: 'authenticate',
        message: 'ws://HOST refused the connection: a token is needed (HTTP 401)',
        hasHint: true,
      },
      'a server that forbids it': {
        answer: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
        phase: 'authenticate',
        message: 'ws://HOST refused the connection (HTTP 403)',
        hasHint: true,
      },
      'a redirect': {
        answer: 'HTTP/1.1 301 Moved\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
        phase: 'connect',
        message: 'ws://HOST answered with a redirect (HTTP 301), which is never followed',
      },
      'a web server': {
        answer: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
        phase: 'connect',
        message: 'ws://HOST is a web server but not an exec-server (HTTP 200)',
      },
      'a web server without that page': {
        answer: 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n',
        phase: 'connect',
        message: 'ws://HOST is a web server but not an exec-server (HTTP 404)',
      },
      'a server of something else': {
        answer: 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n',
        phase: 'connect',
        message: 'cannot connect to ws://HOST: what answers there does not speak HTTP',
      },
      'an upgrade with a wrong key': {
        answer:
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
        phase: 'connect',
        message: 'cannot connect to ws://HOST: Invalid Sec-WebSocket-Accept header',
      },
    };
  for (const [title, { answer, phase, message, hasHint = false }] of Object.entries(answers)) {
    test(`${title} says so`, async () => {
      await using server = await rawServer((socket) => socket.once('data', () => socket.write(answer)));
      const code = phase === 'authenticate' ? 'authentication_failed' : 'connect_failed';
      assert.equal(await connectErrorOf(`ws://127.0.0.1:${server.port}`), { phase, code, message, hasHint });
    });
  }

  test('a port where nothing listens says so', async () => {
    const server = await rawServer(() => {});
    await server[Symbol.asyncDispose]();
    const { phase, message } = await connectErrorOf(`ws://127.0.0.1:${server.port}`);
    assert.is(phase, 'connect');
    assert.is(message, 'cannot connect to ws://HOST: nothing listens there (connection refused)');
  });

  test('a host that does not exist says so', async () => {
    const { message } = await connectErrorOf('ws://no-such-host.invalid:1');
    assert.is(message, 'cannot connect to ws://no-such-host.invalid:1: no such host');
  });

  test('a server that hangs up at once says so', async () => {
    await using server = await rawServer((socket) => socket.once('data', () => socket.destroy()));
    const { message } = await connectErrorOf(`ws://127.0.0.1:${server.port}`);
    assert.is(message, 'cannot connect to ws://HOST: the connection was closed before it was a WebSocket');
  });

  test('a server that says nothing ends after the time it was given', async () => {
    await using server = await rawServer(() => {});
    const { phase, message } = await connectErrorOf(`ws://127.0.0.1:${server.port}`, { connectTimeoutMs: 100 });
    assert.is(phase, 'connect');
    assert.is(message, 'cannot connect to ws://HOST: no answer for 0.1 s');
  });

  test('a server that trickles its answer has no more time than one that says nothing', async () => {
    await using server = await rawServer((socket) => {
      const timer = setInterval(() => socket.write('H'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    const { message } = await connectErrorOf(`ws://127.0.0.1:${server.port}`, { connectTimeoutMs: 200 });
    assert.match(message, /no answer for 0.2 s|does not speak HTTP/);
  });

  test('a server that says nothing ends when the caller stops it, with the reason of the caller', async () => {
    const gate = new AbortController();
    const reason = new CancelledError('SIGINT');
    await using server = await rawServer((socket) => socket.once('data', () => gate.abort(reason)));
    const { signal } = gate;
    const url = `ws://127.0.0.1:${server.port}`;
    assert.is(await rejection(connectWebSocket(url, { signal })), reason);
    assert.is(await rejection(connectWebSocket(url, { signal })), reason);
  });
});

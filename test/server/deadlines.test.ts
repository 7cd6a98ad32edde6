// Clients that are silent, slow or gone: each is dropped by a deadline, and nobody else notices.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import * as assert from 'uvu/assert';
import { limits } from '../../src/protocol/limits.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { RawClient } from '../helpers/rawClient.js';
import { servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

/** A socket to `server` that sends `text` and then nothing; resolves when it is open. */
async function silentSocket(server: RunningServer, text: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url ?? '');
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

describe('the deadline of the upgrade', (test) => {
  for (const [title, text] of [
    ['a socket that says nothing', ''],
    ['half a request', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
    ['a request whose body does not come', 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n'],
  ] as const) {
    test(`closes ${title}`, async () => {
      await using server = await serve({ deadlines: { upgradeMs: 50 } });
      const socket = await silentSocket(server, text);
      socket.resume();
      await once(socket, 'close');
    });
  }

  test('ends with the upgrade', async () => {
    await using here = await servedClient('WebSocket', { deadlines: { upgradeMs: 200 } });
    const socket = await silentSocket(here.server, '');
    socket.resume();
    await once(socket, 'close');
    await here.client.result('environment/info');
  });
});

describe('the deadline of initialize', (test) => {
  test('closes a session that does not say it', async () => {
    await using server = await serve({ deadlines: { initializeMs: 50 } });
    const client = new RawClient(await connectWebSocket(server.url ?? ''));
    client.send({ id: 1, method: 'fs/readFile', params: { path: '/' } });
    assert.match((await client.record.closed).text, /1008: no initialize came in time/);
  });

  test('leaves a session alone that has said it', async () => {
    await using here = await servedClient('WebSocket', { deadlines: { initializeMs: 300 } });
    const late = await here.connect();
    assert.match((await late.record.closed).text, /1008/);
    await here.client.result('environment/info');
  });
});

describe('a client that is gone', (test) => {
  test('without a word is noticed by its missing pongs, and its files are closed', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('file');
    await writeFile(path, 'x');
    await using here = await servedClient('WebSocket', { deadlines: { pingIntervalMs: 30 } });
    await here.client.result('fs/readFile/open', { handleId: 'r', path });
    const gone = await here.connect();
    await gone.initialize();
    await gone.result('fs/readFile/open', { handleId: 'r', path });
    assert.is(here.server.openHandles, 2);
    // A paused socket reads no ping and so answers none.
    gone.pause();
    while (here.server.openHandles > 1) await here.client.result('environment/info');
    await here.client.result('fs/readFile/stat', { handleId: 'r' });
  });

  test('that takes none of its answers is dropped', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('file');
    await writeFile(path, contentOf(1 << 20));
    await using here = await servedClient('WebSocket', { deadlines: { drainMs: 60 } });
    const greedy = await here.connect();
    await greedy.initialize();
    // Idle for longer than the deadline before: that alone ends nothing.
    for (const until = performance.now() + 130; performance.now() < until; )
      await here.client.result('environment/info');
    greedy.pause();
    for (let id = 100; id < 160; id++) greedy.send({ id, method: 'fs/readFile', params: { path } });
    while (here.server.sessions > 1) await here.client.result('environment/info');
  });
});

describe('a message that is too long', (test) => {
  test('ends its session and no other', async () => {
    await using here = await servedClient('WebSocket');
    const other = await here.connect();
    await other.initialize();
    other.sendText(Buffer.alloc(limits.serverMessageBytes + 1, 0x20));
    assert.match((await other.record.closed).text, /1009|without a word|EPIPE|ECONNRESET/);
    await here.client.result('environment/info');
  });

  test('ends a session over stdio', async () => {
    await using here = await servedClient('stdio');
    here.client.sendText(Buffer.alloc(limits.serverMessageBytes + 1, 0x20));
    await here.server.stopped;
    assert.is(here.server.sessions, 0);
  });
});

describe('a server with all its sessions taken', (test) => {
  test('refuses the next one with 503 until one ends', async () => {
    await using server = await serve();
    const url = server.url ?? '';
    const clients: RawClient[] = [];
    for (let count = 0; count < limits.serverSessions; count++)
      clients.push(new RawClient(await connectWebSocket(url)));
    assert.match((await rejection(connectWebSocket(url))).message, /HTTP 503/);
    await clients.pop()?.close();
    while (server.sessions >= limits.serverSessions) await new Promise(setImmediate);
    clients.push(new RawClient(await connectWebSocket(url)));
    await Promise.all(clients.map((client) => client.close()));
  });
});

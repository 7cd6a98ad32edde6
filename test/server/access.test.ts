// Who may connect: every wrong Origin, Host, token and path is refused before there is a session.

import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { isLoopback, parseListenAddress, parseTokenDigest, readTokenFile } from '../../src/server/access.js';
import { type RunningServer, type ServeOptions, serve } from '../../src/server/serve.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { describe, rejection } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const digest = createHash('sha256').update('secret').digest();

async function served(options: ServeOptions = {}) {
  const server = await serve({ token: digest, allowedHosts: ['files.example', 'box.example:8443'], ...options });
  return {
    server,
    port: Number(new URL(server.url ?? '').port),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((some) => some?.some(({ address }) => address === '::1'));
}

interface Attempt {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
}

/** The status of an attempt to upgrade; 101 when it was let in. */
function upgrade(port: number, { method = 'GET', path = '/', headers = {} }: Attempt): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      setHost: false,
      headers: {
        Host: `127.0.0.1:${port}`,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        Authorization: 'Bearer secret',
        ...headers,
      },
    });
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    request.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end();
  });
}

/** The first line that comes back for raw bytes, or nothing when the connection is closed without a word. */
function rawStatus(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connectTcp(port, '127.0.0.1', () => socket.end(text));
    socket.setEncoding('latin1').on('data', (piece) => {
      answer += piece;
    });
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });
}

describe('an upgrade', (test) => {
  test('is let in with a token and an own Host', async () => {
    await using here = await served();
    const { port } = here;
    for (const headers of [
      {},
      { Host: `localhost:${port}` },
      { Host: `LOCALHOST:${port}` },
      { Host: `[::1]:${port}` },
      { Host: 'files.example' },
      { Host: 'Files.Example:443' },
      { Host: 'box.example:8443' },
      { Authorization: 'bearer   secret' },
    ]) {
      assert.is(await upgrade(port, { headers: headers as Record<string, string> }), 101, JSON.stringify(headers));
    }
  });

  test('with any Origin is 403', async () => {
    await using here = await served();
    const own = `http://127.0.0.1:${here.port}`;
    for (const Origin of [own, 'null', '', 'https://evil.example', 'file://', `http://localhost:${here.port}`]) {
      assert.is(await upgrade(here.port, { headers: { Origin } }), 403, Origin);
    }
  });

  test('with a foreign Host is 403', async () => {
    await using here = await served();
    const { port } = here;
    for (const Host of [
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `localhost.:${port}`,
      `127.1:${port}`,
      `0x7f.1:${port}`,
      `127.0.0.1.:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      'localhost:80',
      `evil.example@127.0.0.1:${port}`,
      `127.0.0.1:${port}:${port}`,
      'box.example:8444',
      'box.example',
      '',
    ]) {
      assert.is(await upgrade(port, { headers: { Host } }), 403, Host);
    }
    const twice = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    assert.match(await rawStatus(port, twice), /^HTTP\/1.1 40[03]/);
    assert.match(
      await rawStatus(port, 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
      /^HTTP\/1.1 40[03]/,
    );
  });

  test('with a wrong token, or none, is 401', async () => {
    await using here = await served();
    for (const Authorization of [
      '',
      'secret',
      'Bearer',
      'Bearer ',
      'Bearer Secret',
      'Bearer secret2',
      'Bearer secre',
      'Bearer secret secret',
      'Bearer secret, Bearer secret',
      'Basic c2VjcmV0',
      'Token secret',
      `Bearer ${digest.toString('hex')}`,
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      `Bearer ${'s'.repeat(4000)}`,
    ]) {
      assert.is(await upgrade(here.port, { headers: { Authorization } }), 401, Authorization);
    }
    assert.is(await upgrade(here.port, { headers: { Authorization: ['Bearer secret', 'Bearer secret'] } }), 401);
  });

  test('elsewhere, or by another method, is refused', async () => {
    await using here = await served();
    for (const path of ['/a', '/readyz', '/?token=secret', '//', '*']) {
      assert.is(await upgrade(here.port, { path }), 404, path);
    }
    assert.is(await upgrade(here.port, { method: 'POST' }), 405);
    assert.is(await upgrade(here.port, { headers: { 'Sec-WebSocket-Version': '1' } }), 400);
    assert.is(await upgrade(here.port, { headers: { Upgrade: 'h2c' } }), 400);
    assert.is(here.server.sessions, 0);
  });
});

describe('plain HTTP', (test) => {
  const statusOf = (server: RunningServer, method: string, path: string, headers: Record<string, string> = {}) =>
    fetchStatus(server.url ?? '', method, path, headers);

  test('answers /readyz and /healthz to GET, and nothing else to anyone', async () => {
    await using here = await served();
    const { server } = here;
    assert.is(await statusOf(server, 'GET', '/readyz'), 200);
    assert.is(await statusOf(server, 'GET', '/healthz'), 200);
    assert.is(await statusOf(server, 'GET', '/'), 404);
    assert.is(await statusOf(server, 'GET', '/etc/passwd'), 404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
      assert.is(await statusOf(server, method, '/readyz'), 405, method);
    }
  });

  test('is 403 for web pages and foreign names, on every path', async () => {
    await using here = await served();
    for (const path of ['/readyz', '/', '/x']) {
      assert.is(await statusOf(here.server, 'GET', path, { Origin: 'null' }), 403);
      assert.is(await statusOf(here.server, 'GET', path, { Host: 'evil.example' }), 403);
    }
  });

  test('of headers too long, or of no HTTP at all, is refused', async () => {
    await using here = await served();
    assert.match(await rawStatus(here.port, `GET / HTTP/1.1\r\nX: ${'x'.repeat(9000)}\r\n\r\n`), /^HTTP\/1.1 431/);
    for (const text of ['hello\r\n\r\n', 'GET /\r\n\r\n', 'SSH-2.0-x\r\n', '{"id":1,"method":"initialize"}\n']) {
      assert.match(await rawStatus(here.port, text), /^HTTP\/1.1 40[03]/, text);
    }
    const host = `Host: 127.0.0.1:${here.port}`;
    assert.is(await rawStatus(here.port, `CONNECT evil.example:80 HTTP/1.1\r\n${host}\r\n\r\n`), '');
    const smuggled = `POST / HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    assert.match(await rawStatus(here.port, smuggled), /^HTTP\/1.1 40/);
  });
});

function fetchStatus(url: string, method: string, path: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: hostname, port, method, path, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('listening', (test) => {
  test('takes IP addresses with a port, and stdio', () => {
    assert.equal(parseListenAddress('ws://127.0.0.1:0'), { kind: 'ws', host: '127.0.0.1', port: 0 });
    assert.equal(parseListenAddress('ws://[::1]:80/'), { kind: 'ws', host: '::1', port: 80 });
    assert.equal(parseListenAddress('stdio'), { kind: 'stdio' });
    for (const text of ['', '127.0.0.1:0', 'ws://localhost:0', 'ws://127.0.0.1', 'ws://127.1:0', 'wss://127.0.0.1:0']) {
      assert.throws(
        () => parseListenAddress(text),
        (error: unknown) => error instanceof UsageError,
      );
    }
    for (const text of ['ws://127.0.0.1:65536', 'ws://1.2.3.4.5:1', 'ws://127.0.0.1:0/path', 'stdin']) {
      assert.throws(
        () => parseListenAddress(text),
        (error: unknown) => error instanceof UsageError,
      );
    }
  });

  test('knows loopback', () => {
    for (const ip of ['127.0.0.1', '127.255.0.3', '::1']) assert.is(isLoopback(ip), true);
    for (const ip of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', 'fe80::1']) assert.is(isLoopback(ip), false);
  });

  test('beyond loopback is refused without a token, unless told otherwise', async () => {
    for (const listen of ['ws://0.0.0.0:0', 'ws://[::]:0']) {
      const error = await rejection(serve({ listen }), UsageError);
      assert.match(error.message, /without authentication/);
    }
    for (const options of [{ token: digest }, { allowUnauthenticated: true }]) {
      const server = await serve({ listen: 'ws://0.0.0.0:0', ...options });
      assert.match(server.url ?? '', /^ws:\/\/0\.0\.0\.0:\d+$/);
      await server.close();
    }
  });

  test(
    'of IPv6 is told in brackets, and reached by what is told',
    async () => {
      const server = await serve({ listen: 'ws://[::1]:0' });
      try {
        assert.match(server.url, /^ws:\/\/\[::1\]:\d+$/);
        const transport = await connectWebSocket(server.url);
        await transport.close('done');
      } finally {
        await server.close();
      }
    },
    { skip: hasIpv6() ? undefined : 'this machine has no ::1' },
  );

  test('that cannot be had fails in words', async () => {
    await using here = await served();
    const error = await rejection(serve({ listen: here.server.url ?? '' }));
    assert.match(error.message, /^cannot listen on ws:\/\/127\.0\.0\.1:\d+: the port is in use$/);
    // Reserved for documentation (RFC 5737), so that no host has it.
    const elsewhere = await rejection(serve({ listen: 'ws://192.0.2.1:0', allowUnauthenticated: true }));
    assert.match(elsewhere.message, /^cannot listen on ws:\/\/192\.0\.2\.1:0: .*EADDRNOTAVAIL/);
  });
});

describe('a token', (test) => {
  test('is read from a file of its owner, without the white space around it', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('token');
    await writeFile(path, ' secret\n', { mode: 0o600 });
    assert.ok((await readTokenFile(path)).equals(digest));
  });

  test('is refused in a file that others can read, that is empty, or that is not there', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.join('token');
    await writeFile(path, '\n', { mode: 0o600 });
    assert.match((await rejection(readTokenFile(path), UsageError)).message, /is empty$/);
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(path, mode);
      assert.match((await rejection(readTokenFile(path), UsageError)).message, /can be read by others$/);
    }
    assert.match((await rejection(readTokenFile(directory.join('none')), UsageError)).message, /^cannot read/);
  });

  test('is also known by its SHA-256', () => {
    assert.ok(parseTokenDigest(digest.toString('hex').toUpperCase()).equals(digest));
    for (const hex of ['', 'secret', digest.toString('hex').slice(1), `${digest.toString('hex')}0`]) {
      assert.throws(() => parseTokenDigest(hex), /64 hexadecimal digits/);
    }
  });
});

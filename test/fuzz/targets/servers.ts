// Targets that talk to a running server: requests, lines, raw WebSocket bytes, HTTP. After each a second client makes a copy of
// a file, the canary, which must be whole.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { methods } from '../../../src/protocol/methods.js';
import { rawFrame } from '../../helpers/rawFrames.js';
import { type Channel, type ServedClient, servedClient } from '../../helpers/servedClients.js';
import { temporaryDirectory } from '../../helpers/temporaryDirectory.js';
import { treeOf } from '../../helpers/treeOf.js';
import { type Fuzzed, fuzzTarget, mangled } from '../FuzzTarget.js';

/** Stands in inputs for the directory that is served: that of another run has another path. */
const rootWord = '/ROOT';
const canary = Buffer.from('the canary sings');
/** Cases between two looks at the whole tree. */
const casesPerLook = 50;

interface Ground extends AsyncDisposable {
  readonly root: string;
  readonly here: ServedClient;
  /** Reads the canary through a client of its own. */
  sing(): Promise<void>;
}

/** A rooted, read-only server, so that a lucky guess does no harm to this machine; its root is at one path in every run. */
async function ground(channel: Channel): Promise<Ground> {
  const directory = await temporaryDirectory();
  const root = directory.path;
  await writeFile(`${root}/canary`, canary);
  const before = JSON.stringify(await treeOf(root));
  const here = await servedClient(channel, { root, readOnly: true });
  const second = await servedClient('memory', { root, readOnly: true });
  const singer = channel === 'stdio' ? second.client : await here.connect();
  if (channel !== 'stdio') await singer.initialize();
  let songs = 0;
  return {
    root,
    here,
    sing: async () => {
      const { dataBase64 } = await singer.result('fs/readFile', { path: `${root}/canary` });
      assert.is(dataBase64, canary.toString('base64'));
      if (++songs % casesPerLook === 0) assert.is(JSON.stringify(await treeOf(root)), before);
      assert.equal(Object.keys(Object.prototype), []);
    },
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const members = ['handleId', 'path', 'offset', 'maxBytes', 'len', 'chunk', 'dataBase64', 'mode', 'options', 'sandbox'];
members.push('sourcePath', 'destinationPath', 'recursive', 'force', '__proto__', 'constructor');
const methodNames = Object.keys(methods).filter((method) => method !== 'initialize');

const hostileValue = fc.oneof(
  fc.constantFrom(
    `${rootWord}/canary`,
    `file://${rootWord}/canary`,
    `${rootWord}/../..`,
    '/',
    '',
    'h',
    '\0',
    'aGk=',
    'aGk',
    'replace',
  ),
  fc.constantFrom(0, -1, 1, 1.5, 2 ** 31, 2 ** 53, 1_048_576, null, true),
  fc.constant({ maxDepth: 1, maxDirectories: 2, maxEntries: 3, followDirectorySymlinks: true }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const request = fc.record({
  method: fc.constantFrom(...methodNames),
  params: fc.oneof(
    { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...members), hostileValue, { maxKeys: 6 }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  ),
});

type Request = { readonly method: string; readonly params: unknown };

export const requests = fuzzTarget<readonly Request[]>({
  name: 'requests',
  title: 'params of every method, at a server',
  count: 20_000,
  longCount: 500_000,
  inputsPerCase: 20,
  inputs: fc.array(request, { minLength: 20, maxLength: 20 }),
  open: async () => {
    const { root, here, sing, [Symbol.asyncDispose]: end } = await ground('memory');
    return {
      check: async (words) => {
        const some = JSON.parse(JSON.stringify(words).replaceAll(rootWord, root)) as typeof words;
        const answers = await Promise.all(some.map(({ method, params }) => here.client.call(method, params)));
        for (const answer of answers) {
          assert.is(Number(answer.result !== undefined) + Number(answer.error !== undefined), 1);
          if (answer.error !== undefined) assert.ok(Number.isInteger(answer.error.code));
          assert.not.match(JSON.stringify(answer), /internal error|node_modules|dist\//);
        }
        await sing();
      },
      [Symbol.asyncDispose]: end,
    };
  },
});

const valid = '{"id":"x","method":"fs/getMetadata","params":{"path":"/"}}';
const line = fc.oneof(
  mangled(
    [valid, '{"method":"initialized"}'],
    ['\r', '\ufeff', '\0', '{"__proto__":{"a":1}}', '"id":1e400,', '"id":1,"id":2,'],
  ),
  fc.json({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => '['.repeat(depth)),
);

export const lines = fuzzTarget<readonly string[]>({
  name: 'lines',
  title: 'lines to a server on stdio, cut anywhere',
  count: 5_000,
  longCount: 50_000,
  inputsPerCase: 5,
  inputs: fc.array(line, { minLength: 5, maxLength: 5 }),
  open: async () => {
    const { here, sing, [Symbol.asyncDispose]: end } = await ground('stdio');
    let asked = 0;
    return {
      check: async (some) => {
        for (const text of some) here.client.sendText(text.replaceAll('\n', ' '));
        const id = `asked ${++asked}`;
        assert.equal(Object.keys(await here.client.call('environment/info', {}, id)), ['id', 'result']);
        here.client.record.messages.length = 0;
        await sing();
      },
      [Symbol.asyncDispose]: end,
    };
  },
});

/** What a socket is sent, and what came back before it was closed. */
async function exchange(port: number, bytes: readonly Buffer[]): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    answer += piece;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const piece of bytes) socket.write(piece);
  socket.end();
  await once(socket, 'close');
  return answer;
}

async function socketGround(
  check: (port: number, bytes: readonly Buffer[]) => Promise<void>,
): Promise<Fuzzed<readonly string[]>> {
  const { sing, here, [Symbol.asyncDispose]: end } = await ground('WebSocket');
  const port = Number(new URL(here.server.url ?? '').port);
  return {
    check: async (pieces) => {
      await check(
        port,
        pieces.map((piece) => Buffer.from(piece.replace('PORT', String(port)), 'latin1')),
      );
      await sing();
    },
    [Symbol.asyncDispose]: end,
  };
}

const upgrade = [
  'GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUpgrade: websocket\r\nConnection: Upgrade',
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
].join('\r\n');

/** As a client masks, with a mask of zeros. */
const frame = fc
  .record({
    opcode: fc.nat({ max: 15 }),
    isFinal: fc.boolean(),
    reserved: fc.constantFrom(0, 0, 0, 1, 4, 7),
    isMasked: fc.constantFrom(true, true, true, false),
    announcedBytes: fc.option(fc.constantFrom(0, 1, 125, 126, 65_536, 2 ** 31, 2 ** 53), { nil: undefined, freq: 8 }),
    payload: fc.oneof(fc.constantFrom(valid, '', '\x03\xe8bye', '\x00'), fc.string({ unit: 'binary', maxLength: 200 })),
  })
  .map(({ payload, ...shape }) => {
    const { announcedBytes, ...rest } = shape;
    return rawFrame(Buffer.from(payload), announcedBytes === undefined ? rest : { ...rest, announcedBytes }).toString(
      'latin1',
    );
  });

export const sockets = fuzzTarget<readonly string[]>({
  name: 'sockets',
  title: 'raw WebSocket bytes to a server',
  count: 5_000,
  longCount: 100_000,
  inputs: fc.oneof(
    { weight: 5, arbitrary: fc.array(frame, { minLength: 1, maxLength: 6 }).map((some) => [upgrade, ...some]) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(upgrade), fc.string({ unit: 'binary', maxLength: 200 })) },
  ),
  open: () =>
    socketGround(async (port, bytes) => {
      assert.match(await exchange(port, bytes), /^HTTP\/1\.1 101 /);
    }),
});

export const http = fuzzTarget<readonly string[]>({
  name: 'http',
  title: 'HTTP requests to a server',
  count: 3_000,
  longCount: 30_000,
  inputs: mangled(
    [
      upgrade,
      'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc',
    ],
    [
      '\r\n',
      '\n',
      ' ',
      ':',
      'Origin: null\r\n',
      'Host: evil\r\n',
      'Transfer-Encoding: chunked\r\n',
      'HTTP/0.9',
      'CONNECT ',
      '\0',
      `X: ${'x'.repeat(9_000)}\r\n`,
    ],
  ).map((text) => [text]),
  open: () =>
    socketGround(async (port, bytes) => {
      const answer = await exchange(port, bytes);
      assert.match(answer, /^$|^HTTP\/1\.1 (101|200|4\d\d|5\d\d) /);
      assert.not.match(answer, /Access-Control|\bat .*:\d+:\d+/);
    }),
});

// Servers whose messages are whole and whose answers are wrong: ids, shapes, lengths, sizes, times, encodings.

import { type EvilPeer, fail, type Script, type SeenRequest } from '../../helpers/evilServer.js';
import { facts, honestContent } from '../honestScript.js';
import type { Behaviour } from './Behaviour.js';

const lost = [10];
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Spoils every answer to `method`; what `spoil` returns is sent as it is. */
function reply(
  title: string,
  method: string,
  spoil: (id: number, request: SeenRequest, peer: EvilPeer) => readonly object[],
  more: Partial<Behaviour> = {},
): Behaviour {
  const script = (): Script => ({
    [method]: (request, peer) => {
      for (const frame of spoil(request.id, request, peer)) peer.send(frame);
      return undefined;
    },
  });
  return { title, script, statuses: lost, ...more };
}

/** A result of `fs/readBlock` that is none. */
const wrongBlocks: Record<string, unknown> = {
  null: null,
  'a list': [],
  'no chunk': { eof: true },
  'no end': { chunk: '' },
  'an end that is a text': { chunk: '', eof: 'true' },
  'a chunk that is a number': { chunk: 7, eof: true },
  'more bytes than were asked for': { chunk: base64('x'.repeat(400_000)), eof: false },
  'base64 of a URL': { chunk: '_-__', eof: true },
  'base64 with white space': { chunk: 'aG k=', eof: true },
  'base64 with bits to spare': { chunk: 'aGl=', eof: true },
  'base64 without its end': { chunk: 'aGk', eof: true },
  'a chunk that is not ASCII': { chunk: 'é'.repeat(2_000), eof: true },
  'a prototype': JSON.parse('{"__proto__":{"chunk":"","eof":true}}'),
};

/** Facts about a file that are none. */
const wrongFacts: Record<string, object> = {
  'a size below zero': facts({ size: -1 }),
  'a size of 2^53': facts({ size: 2 ** 53 }),
  'a size that is a fraction': facts({ size: 1.5 }),
  'a size that is a text': facts({ size: '700000' }),
  'a time that is a text': facts({ modifiedAtMs: 'now' }),
  'a time of 1e300': facts({ modifiedAtMs: 1e300 }),
  'flags that are numbers': { ...facts({}), isFile: 1 },
};

export const replies: readonly Behaviour[] = [
  reply('answers under an id that nobody used', 'fs/readBlock', () => [{ id: 999_999, result: {} }]),
  reply('answers under the id as a text', 'fs/readBlock', (id) => [{ id: String(id), result: {} }]),
  reply('answers every read twice', 'fs/readBlock', (id) => [
    { id, result: { chunk: '', eof: false } },
    { id, result: { chunk: '', eof: false } },
  ]),
  reply('answers before it is asked', 'fs/open', (id, { params }) => [
    { id, result: { handleId: params.handleId } },
    { id: id + 50, result: {} },
  ]),
  reply('answers with a result and an error', 'fs/readBlock', (id) => [
    { id, result: {}, error: { code: -1, message: 'x' } },
  ]),
  reply('answers with neither', 'fs/readBlock', (id) => [{ id }]),
  reply('answers with an error that is a text', 'fs/readBlock', (id) => [{ id, error: 'no' }]),
  reply('answers with an error whose code is a text', 'fs/readBlock', (id) => [
    { id, error: { code: '1', message: '' } },
  ]),
  reply(
    'answers with an error of 1 MiB',
    'fs/readBlock',
    (id) => [{ id, error: { code: -32603, message: '\x1b[2J'.repeat(250_000) } }],
    { statuses: [1, 9, 10] },
  ),
  ...Object.entries(wrongBlocks).map(([title, result]) =>
    reply(`reads ${title}`, 'fs/readBlock', (id) => [{ id, result }]),
  ),
  ...Object.entries(wrongFacts).map(([title, result]) =>
    reply(`tells ${title}`, 'fs/getMetadata', (id) => [{ id, result }]),
  ),
  reply('never answers a read', 'fs/readBlock', () => []),
  reply('never answers a close', 'fs/close', () => [], { statuses: [0] }),
  reply('never answers a write', 'fs/writeBlock', () => [], { command: 'up' }),
  reply('never tells facts', 'fs/getMetadata', () => []),
  reply('reads nothing for ever', 'fs/readBlock', (id) => [{ id, result: { chunk: '', eof: false } }]),
  reply(
    'goes on for ever behind the size that it told',
    'fs/readBlock',
    (id, { params }) => [{ id, result: { chunk: Buffer.alloc(Number(params.len)).toString('base64'), eof: false } }],
    { statuses: [6] },
  ),
  reply(
    'ends before the size that it told',
    'fs/readBlock',
    (id) => [{ id, result: { chunk: base64('x'), eof: true } }],
    {
      statuses: [6],
    },
  ),
  {
    title: 'tells less than it gives',
    script: () => ({ 'fs/getMetadata': () => facts({ size: 10 }) }),
    statuses: [6],
  },
  {
    title: 'tells another time each time',
    script: () => {
      let now = 1_700_000_000_000;
      return { 'fs/getMetadata': () => facts({ size: honestContent.length, modifiedAtMs: now++ }) };
    },
    statuses: [6],
  },
  ...[-32001, -32600, -32601, -32602, -32603, -32004, 1e9].map((code) => ({
    title: `refuses every open with ${code}`,
    script: () => ({ 'fs/open': () => fail(code, 'at most 0 file handles may be open') }),
    statuses: [3, 8, 9, 10],
  })),
  {
    title: 'drops what is written and says that it is there',
    command: 'up',
    script: () => ({ 'fs/writeBlock': () => ({}) }),
    statuses: [6],
  },
  {
    title: 'keeps other bytes than were written',
    command: 'verified',
    script: (honest) => ({
      'fs/readBlock': (request, peer) => {
        const read = honest['fs/readBlock']?.(request, peer) ?? { chunk: '', eof: true };
        const { chunk, eof } = read as { chunk: string; eof: boolean };
        const bytes = Buffer.from(chunk, 'base64');
        if (bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
        return { chunk: bytes.toString('base64'), eof };
      },
    }),
    statuses: [6],
  },
  ...[0, -1, 1.5, null, '262144', 2 ** 60].map((maxChunkBytes) => ({
    title: `offers chunks of ${JSON.stringify(maxChunkBytes)} bytes`,
    script: (): Script => ({
      'fs/open': () => fail(-32601, 'unknown'),
      'fs/readFile/open': () => ({ maxChunkBytes }),
      'fs/readFile/stat': () => ({ sizeBytes: 1, createdAtMs: 1, modifiedAtMs: 1 }),
      'fs/readFile/read': () => ({ dataBase64: base64('xx'), eof: true }),
      'fs/readFile/close': () => ({}),
    }),
    statuses: [6, 10],
  })),
];

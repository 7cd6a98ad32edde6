// The bytes of a WebSocket, however they are cut: which frames are taken, and that the library gets all else untouched.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { TextFrames } from '../../src/transport/TextFrames.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { rawServer } from '../helpers/evilServer.js';
import { recordTransport } from '../helpers/recordTransport.js';

const maxPayloadBytes = 200_000;

/** A frame of a server: `first` holds FIN, the reserved bits and the opcode. */
function frame(first: number, payload: Buffer | string, secondBits = 0): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = secondBits | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, bytes]);
}

const text = (payload: Buffer | string) => frame(0x81, payload);
const ping = frame(0x89, 'are you there');
const close = frame(0x88, Buffer.from([0x03, 0xe8]));

/** What becomes of `bytes` when they arrive in `pieces`. */
function taken(pieces: readonly Buffer[], refused = () => {}): { texts: string[]; handedOn: Buffer; released: Buffer } {
  const seen = { texts: [] as string[], handedOn: [] as Buffer[], released: [] as Buffer[] };
  const frames = new TextFrames({
    maxPayloadBytes,
    refused,
    deliver: (bytes) => seen.texts.push(bytes.toString('latin1')),
    handOn: (bytes) => seen.handedOn.push(Buffer.from(bytes)),
    release: (bytes) => seen.released.push(Buffer.from(bytes)),
  });
  for (const piece of pieces) frames.take(piece);
  return { texts: seen.texts, handedOn: Buffer.concat(seen.handedOn), released: Buffer.concat(seen.released) };
}

function piecesOf(bytes: Buffer, length: number): Buffer[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * length, (index + 1) * length));
}

describe('text frames', (test) => {
  test('are taken at every length of their head', () => {
    const texts = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535), 'e'.repeat(65_536)];
    const result = taken([Buffer.concat(texts.map(text))]);
    assert.equal(result, { texts, handedOn: Buffer.alloc(0), released: Buffer.alloc(0) });
  });

  test('are the same wherever the bytes are cut, and control frames go to the library', () => {
    const large = 'x'.repeat(300);
    const bytes = Buffer.concat([text('one'), ping, text(large), frame(0x8a, ''), text('three')]);
    for (let length = 1; length <= bytes.length; length++) {
      const result = taken(piecesOf(bytes, length));
      assert.equal(result.texts, ['one', large, 'three'], `in pieces of ${length}`);
      assert.equal(result.handedOn, Buffer.concat([ping, frame(0x8a, '')]));
    }
  });

  const others = {
    'a close frame': close,
    'a mask': frame(0x81, 'masked', 0x80),
    'the first of some fragments': frame(0x01, 'begin'),
    'a fragment that continues nothing': frame(0x80, 'more'),
    'a message without content': text(''),
    'a message that is no text': frame(0x82, 'binary'),
    'a reserved bit': frame(0xc1, 'text'),
    'a reserved opcode': frame(0x83, 'data'),
  };
  for (const [what, last] of Object.entries(others)) {
    test(`are the library’s from ${what} on`, () => {
      for (const length of [1, 7, last.length + 20]) {
        const result = taken(piecesOf(Buffer.concat([text('before'), ping, last, text('behind')]), length));
        assert.equal([result.texts, result.handedOn], [['before'], ping]);
        assert.equal(result.released, Buffer.concat([last, text('behind')]), `in pieces of ${length}`);
      }
    });
  }

  test('end with one that announces more than is taken, before its content has come', () => {
    const head = frame(0x81, Buffer.alloc(maxPayloadBytes + 1)).subarray(0, 10);
    for (const length of [1, 7, 500]) {
      let refusedCount = 0;
      const bytes = Buffer.concat([text('before'), head, text('behind')]);
      const result = taken(piecesOf(bytes, length), () => refusedCount++);
      assert.equal(result, { texts: ['before'], handedOn: Buffer.alloc(0), released: Buffer.alloc(0) });
      assert.is(refusedCount, 1);
    }
  });

  test('lose no byte of any input whatever', () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 1, max: 50 }),
      (input, length) => {
        const bytes = Buffer.from(input);
        const whole = taken([bytes]);
        assert.equal(taken(piecesOf(bytes, length)), whole);
        const payloadBytes = whole.texts.reduce((sum, one) => sum + one.length, 0);
        assert.ok(whole.handedOn.length + whole.released.length + payloadBytes <= bytes.length);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe('a client of a server that sends frames by itself', (test) => {
  test('receives text of every kind in order, answers pings, and tells why the connection was closed', async () => {
    const large = contentOf(150_000).toString('base64');
    const sent = Buffer.concat([
      text('one'),
      ping,
      text(large),
      frame(0x01, 'in '),
      ping,
      frame(0x80, 'fragments'),
      text('last'),
      frame(0x88, Buffer.concat([Buffer.from([0x03, 0xe9]), Buffer.from('bye')])),
    ]);
    for (const length of [1_000, 65_536, sent.length]) {
      await using server = await rawServer((socket) => {
        socket.once('data', (request: Buffer) => {
          const key = /sec-websocket-key: (\S+)/i.exec(request.toString())?.[1] ?? '';
          const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
          const upgrade = `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
          const [first = Buffer.alloc(0), ...rest] = piecesOf(sent, length);
          // The first frames come with the upgrade, in one packet.
          socket.write(Buffer.concat([Buffer.from(upgrade), first]));
          for (const piece of rest) socket.write(piece);
        });
      });
      const record = recordTransport(await connectWebSocket(`ws://127.0.0.1:${server.port}`));
      assert.equal(await record.received(4), ['one', large, 'in fragments', 'last']);
      assert.match((await record.closed).text, /closed the connection \(1001: bye\)/);
    }
  });
});

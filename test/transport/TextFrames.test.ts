// The bytes of a WebSocket, however they are cut: which frames are taken, and that the library gets all else untouched.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { applyMask, applyMaskByWords } from '../../src/transport/mask.js';
import { type Peer, TextFrames, type TextFramesOptions } from '../../src/transport/TextFrames.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { rawServer } from '../helpers/evilServer.js';
import { inChild } from '../helpers/inChild.js';
import { upgradeAnswer } from '../helpers/rawFrames.js';
import { recordTransport } from '../helpers/recordTransport.js';

const maxPayloadBytes = 200_000;

const mask = Buffer.from([0xa5, 0x00, 0x5a, 0xff]);

/** A frame, under `mask` where `isMasked`: `first` holds FIN, the reserved bits and the opcode. */
function frame(first: number, payload: Buffer | string, isMasked = false): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = (isMasked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  if (!isMasked) return Buffer.concat([head, bytes]);
  return Buffer.concat([head, mask, bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const text = (payload: Buffer | string) => frame(0x81, payload);
const ping = frame(0x89, 'are you there');

/** A short frame with its length in the two bytes that longer ones have for it. */
function withLongLength(short: Buffer): Buffer {
  const [first = 0, second = 0] = short;
  return Buffer.concat([Buffer.from([first, (second & 0x80) | 126, 0, second & 0x7f]), short.subarray(2)]);
}

interface Taken {
  readonly texts: string[];
  readonly handedOn: Buffer;
  readonly released: Buffer;
}

/** What becomes of what `peer` sent when it arrives in `pieces`. What is not taken comes again, and is no more than `keptBytes`. */
function taken(
  peer: Peer,
  pieces: readonly Buffer[],
  { keptBytes = 0, ...options }: Partial<TextFramesOptions> & { readonly keptBytes?: number } = {},
): Taken {
  const seen = { texts: [] as string[], handedOn: [] as Buffer[], released: [] as Buffer[] };
  const frames = new TextFrames({
    peer,
    maxPayloadBytes: () => maxPayloadBytes,
    maxTakenBytes: maxPayloadBytes,
    refused: () => {},
    deliver: (bytes) => seen.texts.push(bytes.toString('latin1')),
    handOn: (bytes) => seen.handedOn.push(Buffer.from(bytes)),
    release: (bytes) => seen.released.push(Buffer.from(bytes)),
    ...options,
  });
  let left = Buffer.alloc(0);
  for (const piece of pieces) {
    // A copy: what is delivered is unmasked where it lies.
    const bytes = Buffer.concat([left, piece]);
    left = bytes.subarray(frames.take(bytes, keptBytes));
    assert.ok(left.length <= keptBytes);
  }
  return { texts: seen.texts, handedOn: Buffer.concat(seen.handedOn), released: Buffer.concat(seen.released) };
}

function piecesOf(bytes: Buffer, length: number): Buffer[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * length, (index + 1) * length));
}

for (const peer of ['server', 'client'] as const) {
  const of = (first: number, payload: Buffer | string) => frame(first, payload, peer === 'client');
  const textOf = (payload: Buffer | string) => of(0x81, payload);
  const pingOf = of(0x89, 'are you there');

  describe(`text frames of a ${peer}`, (test) => {
    test('are taken at every length of their head', () => {
      const texts = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535), 'e'.repeat(65_536)];
      const result = taken(peer, [Buffer.concat(texts.map(textOf))]);
      assert.equal(result, { texts, handedOn: Buffer.alloc(0), released: Buffer.alloc(0) });
    });

    test('are the same wherever the bytes are cut, and control frames go to the library', () => {
      const large = 'x'.repeat(300);
      const bytes = Buffer.concat([textOf('one'), pingOf, textOf(large), of(0x8a, ''), textOf('three')]);
      for (let length = 1; length <= bytes.length; length++) {
        const result = taken(peer, piecesOf(bytes, length));
        assert.equal(result.texts, ['one', large, 'three'], `in pieces of ${length}`);
        assert.equal(result.handedOn, Buffer.concat([pingOf, of(0x8a, '')]));
      }
    });

    test('are the same where the beginning of a message of up to so many bytes comes again', () => {
      const large = 'x'.repeat(300);
      const texts = ['one', large, large, 'four'];
      const bytes = Buffer.concat([...texts.map(textOf), pingOf, textOf('five')]);
      for (const keptBytes of [1, 4, 299, 300, 1_000]) {
        for (const length of [1, 2, 3, 5, 80, 290, 310, bytes.length]) {
          const result = taken(peer, piecesOf(bytes, length), { keptBytes });
          assert.equal(result.texts, [...texts, 'five'], `in pieces of ${length}`);
          assert.equal(result.handedOn, pingOf);
        }
      }
    });

    const maxTakenBytes = 300;
    const others = {
      'one that is too long to have memory for at once': textOf('y'.repeat(maxTakenBytes + 1)),
      'a ping that is too long': of(0x89, 'z'.repeat(126)),
      'a ping whose length takes two bytes': withLongLength(of(0x89, 'are you')),
      'a ping in fragments': of(0x09, 'are you'),
      'a ping with a reserved bit': of(0xc9, 'are you'),
      'a reserved kind of control frame': of(0x8b, 'are you'),
      'a close frame': of(0x88, Buffer.from([0x03, 0xe8])),
      [peer === 'client' ? 'a missing mask' : 'a mask']: frame(0x81, 'otherwise masked', peer !== 'client'),
      'a ping that is otherwise masked': frame(0x89, 'otherwise masked', peer !== 'client'),
      'the first of some fragments': of(0x01, 'begin'),
      'a fragment that continues nothing': of(0x80, 'more'),
      'a message without content': textOf(''),
      'a message that is no text': of(0x82, 'binary'),
      'a reserved bit': of(0xc1, 'text'),
      'a reserved opcode': of(0x83, 'data'),
    };
    for (const [what, last] of Object.entries(others)) {
      test(`are the library’s from ${what} on`, () => {
        for (const length of [1, 7, last.length + 20]) {
          const bytes = Buffer.concat([textOf('before'), pingOf, last, textOf('behind')]);
          const result = taken(peer, piecesOf(bytes, length), { maxTakenBytes });
          assert.equal([result.texts, result.handedOn], [['before'], pingOf]);
          assert.equal(result.released, Buffer.concat([last, textOf('behind')]), `in pieces of ${length}`);
        }
      });
    }

    test('end with one that announces more than is taken, before its content has come', () => {
      const long = of(0x81, Buffer.alloc(maxPayloadBytes + 1));
      const head = long.subarray(0, long.length - maxPayloadBytes - 1);
      for (const length of [1, 7, 500]) {
        let refusedCount = 0;
        const bytes = Buffer.concat([textOf('before'), head, textOf('behind')]);
        const result = taken(peer, piecesOf(bytes, length), { refused: () => refusedCount++ });
        assert.equal(result, { texts: ['before'], handedOn: Buffer.alloc(0), released: Buffer.alloc(0) });
        assert.is(refusedCount, 1);
      }
    });

    test('lose no byte of any input whatever', () => {
      const property = fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 60 }),
        (input, length, keptBytes) => {
          const bytes = Buffer.from(input);
          const whole = taken(peer, [bytes]);
          assert.equal(taken(peer, piecesOf(bytes, length), { keptBytes }), whole);
          const payloadBytes = whole.texts.reduce((sum, one) => sum + one.length, 0);
          assert.ok(whole.handedOn.length + whole.released.length + payloadBytes <= bytes.length);
        },
      );
      fc.assert(property, { numRuns: 2_000 });
    });
  });
}

describe('a mask', (test) => {
  for (const [how, unmaskIt] of Object.entries({ 'by the package': applyMask, 'by words': applyMaskByWords })) {
    test(`is taken off ${how} at any length and place in memory`, () => {
      for (const offset of [0, 1, 2, 3, 4]) {
        for (let length = 0; length < 70; length++) {
          const content = contentOf(length);
          const memory = Buffer.alloc(offset + length + 1, 0x77);
          memory.set(frame(0x82, content, true).subarray(-length || Number.POSITIVE_INFINITY), offset);
          unmaskIt(memory.subarray(offset, offset + length), mask);
          assert.equal(memory.subarray(offset, offset + length), content);
          assert.is(memory[offset + length], 0x77);
        }
      }
    });
  }
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
      await using server = await serverThatSends(piecesOf(sent, length));
      const record = recordTransport(await connectWebSocket(`ws://127.0.0.1:${server.port}`));
      assert.equal(await record.received(4), ['one', large, 'in fragments', 'last']);
      assert.match((await record.closed).text, /closed the connection \(1001: bye\)/);
    }
  });

  test('receives many messages of all lengths, longer ones than it reads at once among them', async () => {
    const lengths = [1, 350_000, 125, 349_526, 700_000, 3_000_000, 20, 900_000, 65_536, 800_000, 2];
    const texts = [...lengths, ...lengths.toReversed(), ...lengths].map((length, index) => {
      return `${index}:${'abcdefghijklmnopqrstuvw'.repeat(Math.ceil(length / 23)).slice(0, length)}`;
    });
    const sent = Buffer.concat(texts.flatMap((one) => [text(one), ping]));
    for (const length of [7_919, 300_007, sent.length]) {
      await using server = await serverThatSends(piecesOf(sent, length));
      const transport = await connectWebSocket(`ws://127.0.0.1:${server.port}`);
      const record = recordTransport(transport);
      // Whoever stops listening in between misses nothing.
      await record.received(5);
      transport.pause();
      await new Promise((resolve) => setTimeout(resolve, 20));
      transport.resume();
      const received = await record.received(texts.length);
      assert.is(received.length, texts.length);
      for (const [index, one] of received.entries()) assert.ok(one === texts[index], `message ${index}`);
      await transport.close('the test is over');
    }
  });

  test('receives what came before it began to listen', async () => {
    const texts = ['one', 'two', 'six'];
    // Each is read by itself, to the same place in memory.
    await using server = await serverThatSends([Buffer.alloc(0), ...texts.map(text)], 20);
    const transport = await connectWebSocket(`ws://127.0.0.1:${server.port}`);
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(await recordTransport(transport).received(3), texts);
    await transport.close('the test is over');
  });
});

/** A WebSocket server that sends `pieces` as they are, the first together with the upgrade, with `gapMs` between them. */
function serverThatSends([first = Buffer.alloc(0), ...others]: readonly Buffer[], gapMs = 0) {
  return rawServer((socket) => {
    socket.once('data', async (request: Buffer) => {
      socket.write(Buffer.concat([upgradeAnswer(request), first]));
      for (const piece of others) {
        if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
        socket.write(piece);
      }
    });
  });
}

describe('the choice of who masks', (test) => {
  for (const [wrapper, isOwn] of [
    [[], false],
    [['env', 'WS_NO_BUFFER_UTIL=1'], true],
  ] as const) {
    test(`is ${isOwn ? 'this program, where the variable of ws says so' : 'the package, where it is installed'}`, async () => {
      const code = `
        const { applyMask, applyMaskByWords } = await source('transport/mask.js');
        const { maskChoice } = await source('transport/maskChoice.js');
        console.log(JSON.stringify([maskChoice.isOwn, applyMask === applyMaskByWords]));`;
      assert.equal(await inChild(code, wrapper), [isOwn, isOwn]);
    });
  }
});

// Servers whose messages are no messages: too large, too many, cut, masked, compressed, nested, or not for anyone.

import type { EvilPeer, Script } from '../../helpers/evilServer.js';
import { opcodes, rawFrame } from '../../helpers/rawFrames.js';
import { type Behaviour, pour } from './Behaviour.js';

const lost = [10];
const MiB = 1024 * 1024;

/** Answers the first read by whatever `spoil` does. */
function atFirstRead(spoil: (peer: EvilPeer, id: number) => void): () => Script {
  return () => ({
    'fs/readBlock': ({ id }, peer) => {
      spoil(peer, id);
      return undefined;
    },
  });
}

function sending(title: string, ...frames: readonly (Buffer | (() => Buffer))[]): Behaviour {
  const script = atFirstRead((peer) => {
    for (const frame of frames) peer.raw(typeof frame === 'function' ? frame() : frame);
  });
  return { title, script, statuses: lost };
}

/** Sends `frame` again and again for as long as the client takes it. */
function pouring(title: string, frame: () => Buffer): Behaviour {
  return { title, script: atFirstRead((peer) => pour(() => peer.raw(frame()))), statuses: lost };
}

const request = JSON.stringify({ id: 'x'.repeat(60_000), method: 'fs/readFile', params: {} });
const notification = JSON.stringify({ method: 'process/output', params: { chunk: 'x'.repeat(60_000) } });

export const frames: readonly Behaviour[] = [
  sending('announces a frame of 1 GiB', rawFrame('x', { announcedBytes: 1024 * MiB })),
  sending('announces a frame of 2^63 bytes', rawFrame('x', { announcedBytes: 2 ** 63 })),
  pouring('sends a text of which no end comes', () => Buffer.alloc(65_536, 'x')),
  {
    title: 'sends a frame of 63 MiB, by and by',
    script: atFirstRead((peer) => {
      peer.raw(rawFrame('"', { announcedBytes: 63 * MiB }));
      pour(() => peer.raw(Buffer.alloc(65_536, 'x')));
    }),
    statuses: lost,
  },
  {
    title: 'sends a million fragments of one byte',
    script: atFirstRead((peer) => {
      peer.raw(rawFrame('"', { isFinal: false }));
      const many = Buffer.concat(
        Array.from({ length: 10_000 }, () => rawFrame('x', { opcode: opcodes.continuation, isFinal: false })),
      );
      for (let count = 0; count < 100; count++) peer.raw(many);
    }),
    statuses: lost,
  },
  sending('sends a compressed frame', rawFrame('x', { reserved: 4 })),
  sending('sends a masked frame', rawFrame('{}', { isMasked: true })),
  sending('sends an opcode that means nothing', rawFrame('{}', { opcode: 7 })),
  sending('sends a ping of 200 bytes', rawFrame('x'.repeat(200), { opcode: opcodes.ping })),
  sending('sends half a frame and waits', rawFrame('{"id":', { announcedBytes: 100_000 })),
  {
    title: 'trickles a frame, a byte at a time',
    script: atFirstRead((peer) => {
      peer.raw(rawFrame('{"id":', { announcedBytes: 100_000 }));
      const timer = setInterval(() => peer.raw(Buffer.from(' ')), 50);
      timer.unref();
    }),
    statuses: lost,
  },
  sending('sends bytes that are not UTF-8', rawFrame(Buffer.from('{"id":1,"result":"\xff\xfe"}', 'latin1'))),
  sending('sends five million brackets', () => rawFrame('['.repeat(5_000_000))),
  sending('sends five million objects in each other', () => rawFrame('{"a":'.repeat(1_000_000))),
  sending('sends 7 MiB that are no JSON', () => rawFrame(Buffer.alloc(7 * MiB, 'x'))),
  sending('sends 7 MiB of members that nobody knows', () => rawFrame(`{"id":0,"x":"${'x'.repeat(7 * MiB)}"}`)),
  ...[
    '',
    'null',
    '7',
    '"text"',
    '[]',
    '[{"id":1}]',
    '{}',
    '{"id":1}',
    '{"id":null,"result":{}}',
    '{"id":{},"result":{}}',
  ].map((text) => sending(`sends ${text === '' ? 'an empty frame' : text}`, rawFrame(text))),
  pouring('pours notifications and never answers', () => rawFrame(notification)),
  pouring('pours pings and never answers', () => rawFrame('ping', { opcode: opcodes.ping })),
  pouring('pours pongs and never answers', () => rawFrame('pong', { opcode: opcodes.pong })),
  pouring('pours requests and reads none of the answers', () => rawFrame(request)),
  {
    title: 'closes with a reason full of escapes',
    script: atFirstRead((peer) => peer.close(4000, '\x1b[2J\x9b2J\u202e\r\n')),
    statuses: lost,
  },
  { title: 'drops the connection', script: atFirstRead((peer) => peer.drop()), statuses: lost },
];

// Writes text frames to a WebSocket's stream without the library: that copies what a client sends into new memory to mask it there, and
// what such memory costs to come by took up to a quarter of an upload. Here the mask is put on in place.

import type { Socket } from 'node:net';
import { applyMask, maskBytes, newMask } from './mask.js';
import type { Peer } from './TextFrames.js';

/** Bytes of a message that is worth waiting for others with it, and copied to be one piece with its head. */
const joinedBytes = 16 * 1024;

/** RFC 6455 section 5.2: FIN and the opcode of text. */
const finalText = 0x81;
const maskBit = 0x80;

export class TextFrameWriter {
  readonly #stream: Socket;
  readonly #isMasked: boolean;

  /** Whoever else writes to `stream` writes whole frames. Those to a server are masked (RFC 6455 section 5.1). */
  constructor(stream: Socket, peer: Peer) {
    this.#stream = stream;
    this.#isMasked = peer === 'server';
  }

  /** Writes one message, whose memory it may change. Resolves when the system has taken it, or never will. */
  write(payload: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const mask = this.#isMasked ? newMask() : undefined;
      if (mask !== undefined) applyMask(payload, mask);
      const head = headOf(payload.length, mask);
      if (payload.length <= joinedBytes) this.#writeJoined(Buffer.concat([head, payload]), resolve);
      else {
        this.#stream.cork();
        this.#stream.write(head);
        this.#stream.write(payload, () => resolve());
        this.#stream.uncork();
      }
    });
  }

  /** What is sent before the next turn of the event loop leaves in one system call. */
  #writeJoined(frame: Buffer, done: () => void): void {
    const stream = this.#stream;
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    stream.write(frame, () => done());
  }
}

/** RFC 6455 section 5.2. */
function headOf(payloadBytes: number, mask: Buffer | undefined): Buffer {
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  const head = Buffer.allocUnsafe(2 + lengthBytes + (mask === undefined ? 0 : maskBytes));
  const marked = lengthBytes === 0 ? payloadBytes : lengthBytes === 2 ? 126 : 127;
  head[0] = finalText;
  head[1] = marked | (mask === undefined ? 0 : maskBit);
  if (lengthBytes === 2) head.writeUInt16BE(payloadBytes, 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  if (mask !== undefined) head.set(mask, 2 + lengthBytes);
  return head;
}

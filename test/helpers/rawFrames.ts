// WebSocket frames as bytes, right or wrong (RFC 6455 section 5.2), as a server sends them, and the answer to an upgrade before them.

import { createHash } from 'node:crypto';

export interface FrameShape {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  /** RSV1 to RSV3, which nothing here negotiates. */
  readonly reserved?: number;
  /** Masked, as only clients may. */
  readonly isMasked?: boolean;
  /** What the header says, whatever the payload is. */
  readonly announcedBytes?: number;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function rawFrame(payload: Buffer | string, shape: FrameShape = {}): Buffer {
  const { opcode = opcodes.text, isFinal = true, reserved = 0, isMasked = false } = shape;
  const bytes = Buffer.from(payload);
  const length = shape.announcedBytes ?? bytes.length;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  const mask = isMasked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([first]), lengthField(length, maskBit), mask, bytes]);
}

function lengthField(length: number, maskBit: number): Buffer {
  if (length < 126) return Buffer.from([maskBit | length]);
  if (length < 65_536) return Buffer.from([maskBit | 126, length >> 8, length & 0xff]);
  const field = Buffer.alloc(9);
  field[0] = maskBit | 127;
  field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}

/** What accepts the upgrade that `request` asks for (RFC 6455 section 4.2.2). */
export function upgradeAnswer(request: Buffer | string): Buffer {
  const key = /sec-websocket-key: (\S+)/i.exec(request.toString())?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  return Buffer.from(['HTTP/1.1 101 x', ...fields, '', ''].join('\r\n'));
}

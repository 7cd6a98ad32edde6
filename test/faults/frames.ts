// Cuts the bytes of one direction into what a fault can happen to: the HTTP head, WebSocket messages, control frames; or lines.

/** A piece of a stream that is whole by itself. */
export interface Unit {
  readonly kind: 'head' | 'control' | 'message';
  /** As it was on the wire. */
  readonly bytes: Buffer;
  /** What a message says, unmasked. */
  readonly text: string;
}

/** Takes pieces as they come and gives back the units that are complete. */
export interface Splitter {
  take(piece: Buffer): Unit[];
}

/** The frames of RFC 6455 behind one HTTP head. */
export class FrameSplitter implements Splitter {
  #rest = Buffer.alloc(0);
  #isHeadOver = false;
  /** Frames of a message that is not at its end. */
  #fragments: { readonly bytes: Buffer; readonly payload: Buffer }[] = [];

  take(piece: Buffer): Unit[] {
    this.#rest = Buffer.concat([this.#rest, piece]);
    const units: Unit[] = [];
    for (let unit = this.#next(); unit !== undefined; unit = this.#next()) if (unit !== 'fragment') units.push(unit);
    return units;
  }

  #next(): Unit | 'fragment' | undefined {
    if (!this.#isHeadOver) return this.#head();
    const frame = frameAt(this.#rest);
    if (frame === undefined) return undefined;
    this.#rest = this.#rest.subarray(frame.bytes.length);
    if (frame.opcode >= 8) return { kind: 'control', bytes: frame.bytes, text: '' };
    this.#fragments.push(frame);
    if (!frame.isLast) return 'fragment';
    const fragments = this.#fragments.splice(0);
    return {
      kind: 'message',
      bytes: Buffer.concat(fragments.map(({ bytes }) => bytes)),
      text: Buffer.concat(fragments.map(({ payload }) => payload)).toString('utf8'),
    };
  }

  #head(): Unit | undefined {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const bytes = this.#rest.subarray(0, end + 4);
    this.#rest = this.#rest.subarray(end + 4);
    this.#isHeadOver = true;
    return { kind: 'head', bytes, text: bytes.toString('latin1') };
  }
}

/** The first frame of `bytes`, if it is all there. */
function frameAt(bytes: Buffer) {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskAt = 2 + lengthBytes;
  const isMasked = (second & 0x80) !== 0;
  const payloadAt = maskAt + (isMasked ? 4 : 0);
  if (bytes.length < payloadAt) return undefined;
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(lengthBytes === 2 ? 2 : 4, lengthBytes === 2 ? 2 : 6);
  const end = payloadAt + length;
  if (bytes.length < end) return undefined;
  const payload = Buffer.from(bytes.subarray(payloadAt, end));
  if (isMasked) for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (bytes[maskAt + (i % 4)] ?? 0);
  return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, bytes: bytes.subarray(0, end), payload };
}

/** A text frame as a server sends it. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
  head[0] = 0x81;
  head[1] = payload.length < 126 ? payload.length : 126;
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** One message a line, as stdio servers speak. */
export class LineSplitter implements Splitter {
  #rest = Buffer.alloc(0);

  take(piece: Buffer): Unit[] {
    this.#rest = Buffer.concat([this.#rest, piece]);
    const units: Unit[] = [];
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const bytes = this.#rest.subarray(0, end + 1);
      units.push({ kind: 'message', bytes, text: bytes.toString('utf8') });
      this.#rest = this.#rest.subarray(end + 1);
    }
    return units;
  }
}

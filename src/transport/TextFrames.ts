// Takes plain text frames out of what a WebSocket's peer sends before the library sees them, where they lie or into memory that is used
// again: the library keeps every piece until a frame is whole and then joins them, and that garbage outlasts V8's cheap collections. Control
// frames are handed to the library untouched, in order; a peer that sends fragments, long frames, or breaks a rule, is left to it from there on.

import type { Socket } from 'node:net';
import { recycleChunk, takeChunk } from '../protocol/chunkPool.js';
import { applyMask, maskBytes } from './mask.js';
import type { SocketReader } from './SocketReader.js';

/** RFC 6455 section 5.2: FIN and an opcode, no reserved bit. */
const finalText = 0x81;
const ping = 0x89;
const pong = 0x8a;
/** RFC 6455 section 5.5. */
const maxControlBytes = 125;
const maskBit = 0x80;
const maxHeadBytes = 10 + maskBytes;

export type Peer = 'client' | 'server';

export interface TextFramesOptions {
  /** Who sends: the frames of a client are masked, those of a server are not (RFC 6455 section 5.1). */
  readonly peer: Peer;
  /** Bytes of the longest payload that anyone may have now. */
  maxPayloadBytes(): number;
  /** Bytes of the longest payload that is taken: memory for a whole one is there as soon as it begins. */
  readonly maxTakenBytes: number;
  /** A frame announces a longer payload: nothing that comes from here on is for anyone. */
  refused(): void;
  /** One whole text message. Its memory is used again when this returns. */
  deliver(frame: Buffer): void;
  /** The next bytes for the library, which may keep them. */
  handOn(bytes: Buffer): void;
  /** The rest of what arrived, and everything after it, is for the library, which may keep it. */
  release(rest: Buffer): void;
}

type State =
  | { readonly phase: 'head' }
  | { readonly phase: 'text'; readonly payloadBytes: number; readonly mask: Buffer | undefined }
  | { readonly phase: 'filling'; readonly frame: Buffer; readonly mask: Buffer | undefined; filledBytes: number }
  | { readonly phase: 'handingOn'; leftBytes: number }
  | { readonly phase: 'released' }
  | { readonly phase: 'refused' };

export class TextFrames {
  readonly #options: TextFramesOptions;
  readonly #head = Buffer.alloc(maxHeadBytes);
  #headBytes = 0;
  #state: State = { phase: 'head' };

  constructor(options: TextFramesOptions) {
    this.#options = options;
  }

  /**
   * Takes the next bytes of the connection, which may begin and end anywhere. A message that is whole among them is delivered where it
   * lies. Returns how many were taken: fewer only where they end with the beginning of a message of up to `keptBytes` bytes, which the
   * caller brings again with more behind it.
   */
  take(piece: Buffer, keptBytes = 0): number {
    for (let at = 0; at < piece.length; ) {
      const state = this.#state;
      switch (state.phase) {
        case 'head':
          at = this.#takeHead(piece, at);
          break;
        case 'text': {
          const { payloadBytes, mask } = state;
          const end = at + payloadBytes;
          if (end <= piece.length) {
            this.#deliver(piece.subarray(at, end), mask);
            at = end;
          } else if (payloadBytes <= keptBytes) return at;
          else this.#state = { phase: 'filling', frame: takeChunk(payloadBytes), mask, filledBytes: 0 };
          break;
        }
        case 'filling':
          at = this.#fill(state, piece, at);
          break;
        case 'handingOn':
          at = this.#handOn(state, piece, at);
          break;
        case 'released':
          this.#options.release(Buffer.from(piece.subarray(at)));
          return piece.length;
        case 'refused':
          return piece.length;
      }
    }
    return piece.length;
  }

  #takeHead(piece: Buffer, at: number): number {
    const wanted = this.#headBytes < 2 ? 2 : this.#headLength();
    const count = Math.min(wanted - this.#headBytes, piece.length - at);
    piece.copy(this.#head, this.#headBytes, at, at + count);
    this.#headBytes += count;
    if (this.#headBytes >= 2 && this.#headBytes === this.#headLength()) this.#begin();
    return at + count;
  }

  /** Bytes of the head of which two are there. The mask is waited for only where there has to be one. */
  #headLength(): number {
    const second = this.#head[1] ?? 0;
    const isMasked = this.#options.peer === 'client' && (second & maskBit) !== 0;
    return 2 + lengthBytes(second) + (isMasked ? maskBytes : 0);
  }

  /** The head is whole: decides whose frame it is. */
  #begin(): void {
    const [first = 0, second = 0] = this.#head;
    const head = this.#head.subarray(0, this.#headBytes);
    const payloadBytes = payloadLength(head);
    this.#headBytes = 0;
    const { peer, maxTakenBytes } = this.#options;
    const isMasked = (second & maskBit) !== 0;
    const isAsAgreed = isMasked === (peer === 'client');
    const isText = isAsAgreed && first === finalText && payloadBytes > 0;
    // The length as the second byte has it: one of more bytes is against the rules, however few it says.
    const isControl = isAsAgreed && (first === ping || first === pong) && (second & ~maskBit) <= maxControlBytes;
    if (payloadBytes > this.#options.maxPayloadBytes()) {
      this.#state = { phase: 'refused' };
      this.#options.refused();
    } else if (isText && payloadBytes <= maxTakenBytes) {
      const mask = isMasked ? Buffer.from(head.subarray(-maskBytes)) : undefined;
      this.#state = { phase: 'text', payloadBytes, mask };
    } else if (isControl) {
      if (payloadBytes > 0) this.#state = { phase: 'handingOn', leftBytes: payloadBytes };
      this.#options.handOn(Buffer.from(head));
    } else {
      this.#state = { phase: 'released' };
      this.#options.release(Buffer.from(head));
    }
  }

  #fill(state: State & { phase: 'filling' }, piece: Buffer, at: number): number {
    const { frame } = state;
    const count = Math.min(frame.length - state.filledBytes, piece.length - at);
    piece.copy(frame, state.filledBytes, at, at + count);
    state.filledBytes += count;
    if (state.filledBytes === frame.length) {
      this.#deliver(frame, state.mask);
      recycleChunk(frame);
    }
    return at + count;
  }

  #deliver(frame: Buffer, mask: Buffer | undefined): void {
    this.#state = { phase: 'head' };
    if (mask !== undefined) applyMask(frame, mask);
    this.#options.deliver(frame);
  }

  #handOn(state: State & { phase: 'handingOn' }, piece: Buffer, at: number): number {
    const count = Math.min(state.leftBytes, piece.length - at);
    state.leftBytes -= count;
    if (state.leftBytes === 0) this.#state = { phase: 'head' };
    this.#options.handOn(Buffer.from(piece.subarray(at, at + count)));
    return at + count;
  }
}

/** How many bytes tell the length behind a head's second byte. */
function lengthBytes(second: number): number {
  const length = second & ~maskBit;
  return length === 127 ? 8 : length === 126 ? 2 : 0;
}

function payloadLength(head: Buffer): number {
  const second = head[1] ?? 0;
  const bytes = lengthBytes(second);
  if (bytes === 8) return Number(head.readBigUInt64BE(2));
  return bytes === 2 ? head.readUInt16BE(2) : second & ~maskBit;
}

type Told = 'peer' | 'maxPayloadBytes' | 'maxTakenBytes' | 'refused' | 'deliver';

export interface TakeOptions extends Pick<TextFramesOptions, Told> {
  /** Hears of every piece that arrives, with its length, before anything is made of it. */
  arrived(bytes: number): void;
}

/**
 * Puts itself between `socket` and the one listener of its bytes, the library's, with `deliver` for the text messages that it
 * takes. Called when the handshake is over and before any byte was read. With `reader` the bytes come from it.
 */
export function takeTextFrames(socket: Socket, options: TakeOptions, reader?: SocketReader): void {
  const library = socket.listeners('data').at(-1) as ((this: Socket, bytes: Buffer) => void) | undefined;
  if (library === undefined) return;
  const frames = new TextFrames({
    ...options,
    handOn: (bytes) => library.call(socket, bytes),
    release: (rest) => {
      if (socket.listeners('data').includes(take)) {
        reader?.release();
        socket.off('data', take);
        socket.on('data', (bytes: Buffer) => options.arrived(bytes.length));
        socket.on('data', library);
      }
      library.call(socket, rest);
    },
  });
  const take = (piece: Buffer) => {
    options.arrived(piece.length);
    frames.take(piece);
  };
  socket.off('data', library);
  socket.on('data', take);
  reader?.takeOver({ arrived: options.arrived, take: (bytes, keptBytes) => frames.take(bytes, keptBytes) });
  // The library reads what is left when the socket has closed while nobody listened; it would take the middle of a frame for a head.
  socket.prependListener('close', () => {
    for (let rest: unknown = socket.read(); rest !== null; rest = socket.read()) if (Buffer.isBuffer(rest)) take(rest);
  });
}

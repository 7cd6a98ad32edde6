// One open WebSocket as a transport: its messages, its limits, its pings and its end.

import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import { asError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { maxReadBytes, type SocketReader } from './SocketReader.js';
import { type TakeOptions, takeTextFrames } from './TextFrames.js';
import { TextFrameWriter } from './TextFrameWriter.js';
import type { CloseKind, CloseReason, Transport, TransportListener } from './Transport.js';

/** How long a close handshake may take before the socket is destroyed. */
const closeGraceMs = 1_000;

/** How ws calls a message that is larger than it was told to take. */
const tooLargeCode = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

const closeCodes: Record<CloseKind, number> = { normal: 1000, going_away: 1001, policy: 1008, overloaded: 1013 };

export class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  readonly #peer: string;
  #listener: TransportListener | undefined;
  #early: Buffer[] = [];
  #reason: CloseReason | undefined;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;
  #isClosed = false;
  #unansweredPings = 0;
  #stream: Socket | undefined;
  #writer: TextFrameWriter | undefined;
  #isClient = false;
  /** Bytes that came since the last whole message: of the one that is under way. */
  #unfinishedBytes = 0;
  #maxMessageBytes = Number.POSITIVE_INFINITY;

  constructor(socket: WebSocket, peer: string) {
    this.#socket = socket;
    this.#peer = peer;
    socket.on('message', (data: RawData) => this.#receive(data));
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('pong', () => {
      this.#unansweredPings = 0;
      this.#unfinishedBytes = 0;
    });
    socket.on('ping', () => {
      this.#unfinishedBytes = 0;
    });
    socket.on('close', (code, text) => this.#closed(code, text.toString('utf8')));
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /**
   * Takes text messages of up to `maxTakenBytes` from `stream`, which is under the socket, and writes them to it, without the library.
   * Called before anything is sent. `reader` is who reads it, if not Node by itself.
   */
  takeOver(
    stream: Socket,
    { peer, maxTakenBytes }: Pick<TakeOptions, 'peer' | 'maxTakenBytes'>,
    reader?: SocketReader,
  ): void {
    this.#stream = stream;
    this.#writer = new TextFrameWriter(stream, peer);
    this.#isClient = peer === 'server';
    const options: TakeOptions = {
      peer,
      maxTakenBytes,
      maxPayloadBytes: () => this.#maxMessageBytes,
      refused: () => this.#refuse(),
      arrived: (bytes) => this.#count(bytes),
      deliver: (frame) => this.#receive(frame),
    };
    takeTextFrames(stream, options, reader);
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) listener.message(frame);
    if (this.#isClosed) listener.closed(this.#reason ?? { text: `${this.#peer} closed the connection`, local: false });
  }

  send(frame: Buffer): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    return this.#writer?.write(frame) ?? Promise.resolve();
  }

  /** A pong that nobody asked for is not answered (RFC 6455 section 5.5.3), and its packet carries the acknowledgement. */
  acknowledge(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.pong();
  }

  /** The library has one limit for good, and it is the largest; this one is kept here. */
  limitMessages(maxBytes: number): void {
    this.#maxMessageBytes = maxBytes;
  }

  pause(): void {
    this.#socket.pause();
  }

  /** Asks whether the peer is there and ends the connection when it has not said so for too long. Nothing can be heard while paused. */
  ping(): void {
    if (this.#socket.isPaused || this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#unansweredPings >= limits.missedPings) {
      this.#failure ??= new Error(`${this.#peer} answered no ping`);
      this.#socket.terminate();
      return;
    }
    this.#unansweredPings++;
    this.#socket.ping();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(reason: string, kind: CloseKind = 'normal'): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#reason ??= { text: reason, local: true };
    this.#closing ??= this.#closeSocket(reason, kind);
    return this.#closing;
  }

  #closeSocket(reason: string, kind: CloseKind): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#socket.terminate(), closeGraceMs);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      // A paused socket would never see the peer's half of the handshake.
      this.#socket.resume();
      this.#socket.close(closeCodes[kind], fittingCloseFrame(reason));
      // A client has nothing to hear any more, and does not stay for the answer: that is a round trip of every command.
      if (this.#isClient) this.#stream?.end(() => this.#socket.terminate());
    });
  }

  #count(bytes: number): void {
    this.#unfinishedBytes += bytes;
    // That much of the next message may come with the end of one.
    if (this.#unfinishedBytes > this.#maxMessageBytes + maxReadBytes) this.#refuse();
  }

  /** Ends the connection for a message of more bytes than are taken now. */
  #refuse(): void {
    const message = `${this.#peer} sent a message of more than ${this.#maxMessageBytes} bytes`;
    this.#failure ??= Object.assign(new Error(message), { code: tooLargeCode });
    this.#socket.terminate();
  }

  #receive(data: RawData): void {
    this.#unansweredPings = 0;
    this.#unfinishedBytes = 0;
    if (this.#reason?.local) return;
    const frame = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    if (this.#listener === undefined) this.#early.push(Buffer.from(frame));
    else this.#listener.message(frame);
  }

  #closed(code: number, text: string): void {
    this.#isClosed = true;
    const isTooLarge = this.#failure !== undefined && 'code' in this.#failure && this.#failure.code === tooLargeCode;
    this.#reason ??= {
      text: this.#describeClose(code, text),
      cause: this.#failure,
      local: false,
      ...(isTooLarge ? { isTooLarge } : {}),
    };
    this.#listener?.closed(this.#reason);
  }

  #describeClose(code: number, text: string): string {
    if (this.#failure !== undefined) return `the connection failed: ${asError(this.#failure).message}`;
    const said = text === '' ? '' : `: ${text}`;
    if (code === 1006 || code === 1005) return `${this.#peer} closed the connection without a word`;
    return `${this.#peer} closed the connection (${code}${said})`;
  }
}

/** As much of `reason` as a close frame holds (RFC 6455 section 5.5: 125 bytes, two of them the code), in whole characters. */
function fittingCloseFrame(reason: string): string {
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, 123), { stream: true });
}

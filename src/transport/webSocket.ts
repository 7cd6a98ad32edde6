// WebSockets as transports, for clients and for the server. The only file that imports ws.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { asError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { connectFailed, upgradeRefused } from './connectFailure.js';
import { takeTextFrames } from './TextFrames.js';
import type { CloseKind, CloseReason, Transport, TransportListener } from './Transport.js';

export interface WebSocketOptions {
  /** The URL as people are shown it; the URL itself unless given. */
  readonly shownUrl?: string | undefined;
  /** Sent as `Authorization: Bearer …`; the caller has decided that this address may have it. */
  readonly token?: string | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the message about a failure has to say. */
interface Attempt {
  /** As people are shown it. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly hasToken: boolean;
}

/** How long a close handshake may take before the socket is destroyed. */
const closeGraceMs = 1_000;

/** Bytes of a message that is worth waiting for others with it. */
const joinedBytes = 16 * 1024;

/** How ws calls a message that is larger than it was told to take. */
const tooLargeCode = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** What Node reads from a socket at once: that much of the next message may come with the end of one. */
const readBytes = 64 * 1024;

const closeCodes: Record<CloseKind, number> = { normal: 1000, going_away: 1001, policy: 1008, overloaded: 1013 };

/**
 * Connects to the exec-server at `url` (`ws:` or `wss:`). Redirects are never followed.
 * @throws {ConnectError} phase `connect` when there is no WebSocket server, `authenticate` on 401 and 403
 */
export async function connectWebSocket(url: string, options: WebSocketOptions = {}): Promise<Transport> {
  options.signal?.throwIfAborted();
  const timeoutMs = options.connectTimeoutMs ?? limits.connectTimeoutMs;
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    followRedirects: false,
    maxPayload: limits.largestAnswerBytes,
    headers: options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` },
  });
  // Made at once, so that a frame that arrives together with the upgrade is kept and not lost.
  const transport = new WebSocketTransport(socket, 'the server');
  socket.once('upgrade', ({ socket: stream }) => {
    socket.once('open', () => transport.takeOver(stream));
  });
  transport.limitMessages(limits.clientMessageBytes);
  const cancel = () => socket.terminate();
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    const hasToken = options.token !== undefined;
    await opened(socket, { url: options.shownUrl ?? url, timeoutMs, hasToken });
    return transport;
  } catch (error) {
    socket.terminate();
    throw options.signal?.aborted ? options.signal.reason : error;
  } finally {
    options.signal?.removeEventListener('abort', cancel);
  }
}

/** A timer of its own: the library's starts again with every byte, and a server can make those last. */
function opened(socket: WebSocket, { url, timeoutMs, hasToken }: Attempt): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.emit('error', new Error('Opening handshake has timed out')), timeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('open', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('error', (cause) => reject(connectFailed(url, cause, timeoutMs)));
    socket.once('unexpected-response', (request, response) => {
      reject(upgradeRefused(url, response.statusCode ?? 0, { hasToken }));
      response.destroy();
      request.destroy();
    });
  });
}

/** When a client counts as gone. */
export interface LivenessOptions {
  /** Milliseconds between pings; a client that leaves `limits.missedPings` of them unanswered is gone. */
  readonly pingIntervalMs?: number | undefined;
  /** Milliseconds in which a client with answers waiting must take at least one byte. */
  readonly drainTimeoutMs?: number | undefined;
}

/** The server's half: turns accepted HTTP upgrades into transports, and ends those whose clients are gone. */
export class WebSocketAcceptor {
  readonly #server: WebSocketServer;
  readonly #drainTimeoutMs: number;
  readonly #pingTimer: NodeJS.Timeout;
  readonly #transports = new Set<WebSocketTransport>();

  constructor(maxMessageBytes: number, options: LivenessOptions = {}) {
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      clientTracking: false,
      maxPayload: maxMessageBytes,
    });
    this.#drainTimeoutMs = options.drainTimeoutMs ?? limits.drainTimeoutMs;
    this.#pingTimer = setInterval(() => this.#ping(), options.pingIntervalMs ?? limits.pingIntervalMs);
    this.#pingTimer.unref();
  }

  /** Completes the upgrade of `request`; the access checks come before. Calls `accepted` unless the handshake itself is bad. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, accepted: (transport: Transport) => void): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket, 'the client');
      this.#transports.add(transport);
      webSocket.once('close', () => this.#transports.delete(transport));
      // A socket's own timeout knows of bytes taken within one long write, which nothing above it does.
      request.socket.setTimeout(this.#drainTimeoutMs);
      // Not as the argument of setTimeout, which is called once: an idle time before does not count.
      request.socket.on('timeout', () => {
        if (transport.queuedBytes > 0) webSocket.terminate();
      });
      accepted(transport);
    });
  }

  /** Stops the pings; transports stay as they are. */
  close(): void {
    clearInterval(this.#pingTimer);
  }

  #ping(): void {
    for (const transport of this.#transports) transport.ping();
  }
}

class WebSocketTransport implements Transport {
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

  /** Takes text messages from `stream`, which is under the socket, without the library, and joins small writes to it. */
  takeOver(stream: Socket): void {
    this.#stream = stream;
    takeTextFrames(stream, {
      maxPayloadBytes: limits.largestAnswerBytes,
      arrived: (bytes) => this.#count(bytes),
      deliver: (frame) => this.#receive(frame),
    });
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
    if (frame.length <= joinedBytes) this.#joinWrites();
    return new Promise((resolve) => {
      this.#socket.send(frame, { binary: false, compress: false }, () => resolve());
    });
  }

  /** What is sent before the next turn of the event loop leaves in one system call. */
  #joinWrites(): void {
    const stream = this.#stream;
    if (stream === undefined || stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  /** A pong that nobody asked for is not answered (RFC 6455 section 5.5.3), and its packet carries the acknowledgement. */
  acknowledge(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.pong();
  }

  /** The library has one limit for good, and it is the largest. */
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
    });
  }

  #count(bytes: number): void {
    this.#unfinishedBytes += bytes;
    if (this.#unfinishedBytes <= this.#maxMessageBytes + readBytes) return;
    const message = `${this.#peer} sent a message of more than ${this.#maxMessageBytes} bytes`;
    this.#failure ??= Object.assign(new Error(message), { code: tooLargeCode });
    this.#socket.terminate();
  }

  #receive(data: RawData): void {
    this.#unansweredPings = 0;
    this.#unfinishedBytes = 0;
    if (this.#reason?.local) return;
    const frame = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    if (this.#listener === undefined) this.#early.push(frame);
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

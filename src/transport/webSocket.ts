// WebSockets for clients and for the server: how each comes to be. Only this file and WebSocketTransport.ts import ws.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { maxPooledBytes } from '../protocol/chunkPool.js';
import { limits } from '../protocol/limits.js';
import { connectFailed, upgradeRefused } from './connectFailure.js';
import { SocketReader } from './SocketReader.js';
import type { Transport } from './Transport.js';
import { WebSocketTransport } from './WebSocketTransport.js';

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

/**
 * Connects to the exec-server at `url` (`ws:` or `wss:`). Redirects are never followed.
 * @throws {ConnectError} phase `connect` when there is no WebSocket server, `authenticate` on 401 and 403
 */
export async function connectWebSocket(url: string, options: WebSocketOptions = {}): Promise<Transport> {
  options.signal?.throwIfAborted();
  const timeoutMs = options.connectTimeoutMs ?? limits.connectTimeoutMs;
  // What is under TLS is read by TLS.
  const reader = url.startsWith('ws:') ? new SocketReader() : undefined;
  const socket = new WebSocket(url, {
    ...(reader === undefined ? {} : { createConnection: reader.createConnection }),
    perMessageDeflate: false,
    skipUTF8Validation: true,
    followRedirects: false,
    maxPayload: limits.largestAnswerBytes,
    headers: options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` },
  });
  // Made at once, so that a frame that arrives together with the upgrade is kept and not lost.
  const transport = new WebSocketTransport(socket, 'the server');
  socket.once('upgrade', ({ socket: stream }) => {
    const maxTakenBytes = Number.POSITIVE_INFINITY;
    socket.once('open', () => transport.takeOver(stream, { peer: 'server', maxTakenBytes }, reader));
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
  /** A client that announces a long message and sends nothing gets no memory for it: the library makes some for what has come. */
  readonly #maxTakenBytes: number;
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
    this.#maxTakenBytes = Math.min(maxMessageBytes, maxPooledBytes);
    this.#drainTimeoutMs = options.drainTimeoutMs ?? limits.drainTimeoutMs;
    this.#pingTimer = setInterval(() => this.#ping(), options.pingIntervalMs ?? limits.pingIntervalMs);
    this.#pingTimer.unref();
  }

  /** Completes the upgrade of `request`; the access checks come before. Calls `accepted` unless the handshake itself is bad. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, accepted: (transport: Transport) => void): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket, 'the client');
      transport.takeOver(request.socket, { peer: 'client', maxTakenBytes: this.#maxTakenBytes });
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

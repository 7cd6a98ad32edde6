// The HTTP side of `serve`: checks who comes, answers /readyz, turns upgrades into transports, and waits for no one.

import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Transport } from '../transport/Transport.js';
import { WebSocketAcceptor } from '../transport/webSocket.js';
import { type AccessRules, refusalOfSource, refusalOfToken } from './access.js';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly access: AccessRules;
  /** Whether one more session may begin. */
  hasRoom(): boolean;
  accepted(transport: Transport): void;
  readonly upgradeTimeoutMs?: number | undefined;
  readonly pingIntervalMs?: number | undefined;
  readonly drainTimeoutMs?: number | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

export class WebSocketListener {
  readonly #options: ListenerOptions;
  readonly #acceptor: WebSocketAcceptor;
  readonly #server: Server;
  /** Sockets that are not WebSockets yet, or will never be, and what ends the wait for each. */
  readonly #waiting = new Map<Duplex, () => void>();

  /** @throws {ConnectError} when the address cannot be listened on */
  static async open(options: ListenerOptions): Promise<WebSocketListener> {
    const listener = new WebSocketListener(options);
    await listener.#listen();
    return listener;
  }

  private constructor(options: ListenerOptions) {
    this.#options = options;
    const { pingIntervalMs, drainTimeoutMs } = options;
    this.#acceptor = new WebSocketAcceptor(limits.serverMessageBytes, { pingIntervalMs, drainTimeoutMs });
    this.#server = createServer({
      maxHeaderSize: limits.httpHeaderBytes,
      keepAlive: true,
      keepAliveInitialDelay: limits.pingIntervalMs,
      noDelay: true,
    });
    this.#server.on('connection', (socket: Socket) => this.#awaitUpgrade(socket));
    this.#server.on('request', (request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
      refuse(socket, isTooLong ? { status: 431, text: 'too long' } : { status: 400, text: 'not understood' });
    });
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `ws://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Accepts no one any more and drops who is not a session yet. */
  async close(): Promise<void> {
    this.#acceptor.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#waiting.keys()) socket.destroy();
    await closed;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const where = `ws://${host}:${port}`;
        const why = cause.code === 'EADDRINUSE' ? 'the port is in use' : cause.message;
        reject(new ConnectError('connect', where, `cannot listen on ${where}: ${why}`, { cause }));
      });
      this.#server.listen(port, host, () => {
        // From here on an error is a failed accept (no descriptors left): that client is lost, the server is not.
        this.#server.removeAllListeners('error').on('error', () => {});
        resolve();
      });
    });
  }

  /** One deadline from the first packet to the upgrade, whatever the client sends meanwhile: Node's own do not see silence. */
  #awaitUpgrade(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), this.#options.upgradeTimeoutMs ?? limits.upgradeTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
    };
    this.#waiting.set(socket, settle);
    socket.once('close', settle);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { status, text } = this.#answerTo(request);
    response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' });
    response.end(`${text}\n`);
  }

  #answerTo(request: IncomingMessage): Answer {
    const refusal = refusalOfSource(request, this.#options.access);
    if (refusal !== undefined) return refusal;
    if (request.method !== 'GET') return { status: 405, text: 'method not allowed' };
    if (request.url === '/readyz' || request.url === '/healthz') return { status: 200, text: 'ok' };
    return { status: 404, text: 'not found' };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOfUpgrade(request);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    this.#acceptor.accept(request, socket, head, (transport) => {
      this.#waiting.get(socket)?.();
      this.#options.accepted(transport);
    });
  }

  #refusalOfUpgrade(request: IncomingMessage): Answer | undefined {
    const refusal = refusalOfSource(request, this.#options.access);
    if (refusal !== undefined) return refusal;
    if (request.url !== '/') return { status: 404, text: 'not found' };
    const tokenRefusal = refusalOfToken(request, this.#options.access);
    if (tokenRefusal !== undefined) return tokenRefusal;
    return this.#options.hasRoom() ? undefined : { status: 503, text: 'too many sessions' };
  }
}

function refuse(socket: Duplex, { status, text }: Answer): void {
  socket.on('error', () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer\r\n' : '';
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n${challenge}`;
  socket.end(`${head}Content-Length: ${text.length}\r\n\r\n${text}`, () => socket.destroy());
}

// Servers that answer what a test tells them to, right or wrong: over WebSockets by method, or bytes over plain TCP.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as it came: nothing about it has been checked. */
export interface SeenRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

export interface EvilPeer {
  /** Sends a text frame: an object as JSON, anything else as it is. */
  send(frame: object | string): void;
  /** Writes bytes to the connection as they are, past all framing; false when the client does not keep up. */
  raw(bytes: Buffer): boolean;
  /** Ends the connection without a close frame. */
  drop(): void;
  /** Ends it with one. */
  close(code: number, reason: string): void;
}

/** What a script returns: a result, `fail(…)`, or undefined when it sent whatever it wanted by itself. */
export type Script = Record<string, (request: SeenRequest, peer: EvilPeer) => object | undefined>;

export interface EvilServer extends AsyncDisposable {
  readonly url: string;
  /** Every message that came, in order. */
  readonly seen: SeenRequest[];
  /** Resolves with the `count`-th request of `method`, which may have come already. */
  saw(method: string, count?: number): Promise<SeenRequest>;
}

class Failure {
  constructor(readonly error: { readonly code: number; readonly message: string }) {}
}

/** A JSON-RPC error as the return value of a script. */
export function fail(code: number, message: string): object {
  return new Failure({ code, message });
}

/** What the real exec-server 0.169 says about itself. */
export const helloOfExecServer = {
  sessionId: 'test',
  environmentInfo: {
    executorVersion: '0.169.0',
    platformOs: 'linux',
    cwd: 'file:///work',
    userHomeDir: 'file:///home/user',
    capabilities: { fileWriteStreaming: true },
  },
};

const defaults: Script = { initialize: () => helloOfExecServer };

/** Starts a WebSocket server that answers by `script`; methods that are not in it are unknown to it. */
export async function evilServer(script: Script): Promise<EvilServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const seen: SeenRequest[] = [];
  const waiting = new Set<() => void>();
  server.on('connection', (socket, { socket: stream }) => {
    const peer = peerOf(socket, stream);
    stream.on('error', () => {});
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const request = JSON.parse(String(data)) as SeenRequest;
      seen.push(request);
      for (const check of waiting) check();
      if (request.id === undefined) return;
      const answer = ({ ...defaults, ...script }[request.method] ?? unknownMethod)(request, peer);
      if (answer instanceof Failure) peer.send({ id: request.id, error: answer.error });
      else if (answer !== undefined) peer.send({ id: request.id, result: answer });
    });
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    saw: (method, count = 1) =>
      new Promise((resolve) => {
        const check = () => {
          const request = seen.filter((one) => one.method === method)[count - 1];
          if (request === undefined) return;
          waiting.delete(check);
          resolve(request);
        };
        waiting.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function peerOf(socket: WebSocket, stream: Socket): EvilPeer {
  return {
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    raw: (bytes) => !stream.destroyed && stream.write(bytes),
    drop: () => socket.terminate(),
    close: (code, reason) => socket.close(code, reason),
  };
}

function unknownMethod({ method }: SeenRequest): object {
  return fail(-32601, `exec-server stub does not implement \`${method}\` yet`);
}

/** Starts a TCP server that hands each connection to `converse`. Disposing ends the connections. */
export async function rawServer(
  converse: (socket: Socket) => void,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    converse(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

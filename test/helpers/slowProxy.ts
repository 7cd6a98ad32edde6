// A TCP proxy on the loopback that is slow, counts, and stops when told: the network between a client and its server.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SlowProxyOptions {
  /** The `ws://` URL of the server behind. */
  readonly target: string;
  /** Bytes a second in each direction of each connection; no bound unless given. */
  readonly bytesPerSecond?: number;
  /** Milliseconds that every byte is on its way, in each direction. */
  readonly delayMs?: number;
}

export interface SlowProxy extends AsyncDisposable {
  /** The `ws://` URL of the proxy. */
  readonly url: string;
  /** Resolves when `bytes` bytes have been taken from the client (`up`) or the server (`down`). */
  passed(direction: Direction, bytes: number): Promise<void>;
  /** Resets every connection, as a router that forgets them. */
  cut(): void;
}

export type Direction = 'up' | 'down';

const slicesPerSecond = 50;

/** Starts a proxy to `target`. */
export async function slowProxy(options: SlowProxyOptions): Promise<SlowProxy> {
  const target = new URL(options.target);
  const counts = { up: 0, down: 0 };
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  const count = (direction: Direction) => (bytes: number) => {
    counts[direction] += bytes;
    for (const check of waiting) check();
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', (hasFailed) => {
        sockets.delete(socket);
        // An orderly end is handed on behind the bytes that are still on their way.
        if (!hasFailed) return;
        client.destroy();
        upstream.destroy();
      });
    }
    void forward(client, upstream, options, count('up'));
    void forward(upstream, client, options, count('down'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: (direction, bytes) =>
      new Promise((resolve) => {
        const check = () => {
          if (counts[direction] < bytes) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

/** Resolves when `socket` takes bytes again, or never will. Listens no longer than that: it is called for every other chunk. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/** Carries bytes from one socket to the other until either ends, with the rate, the delay and the other's back-pressure. */
async function forward(
  from: Socket,
  to: Socket,
  { bytesPerSecond = Infinity, delayMs = 0 }: SlowProxyOptions,
  count: (bytes: number) => void,
): Promise<void> {
  const sliceBytes = Number.isFinite(bytesPerSecond)
    ? Math.max(1, Math.floor(bytesPerSecond / slicesPerSecond))
    : Infinity;
  const deliver = (work: () => void) => (delayMs === 0 ? work() : setTimeout(work, delayMs));
  try {
    // Iterating would destroy the socket at the end of its input, and with it what is still to be written to it.
    const pieces: AsyncIterable<Buffer> = from.iterator({ destroyOnReturn: false });
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length; at += sliceBytes) {
        const slice = piece.subarray(at, at + sliceBytes);
        count(slice.length);
        deliver(() => void (to.writable && to.write(slice)));
        if (sliceBytes !== Infinity) await new Promise((resolve) => setTimeout(resolve, 1000 / slicesPerSecond));
        if (to.writableNeedDrain) await drained(to);
      }
    }
    deliver(() => to.end());
  } catch {
    to.destroy();
  }
}

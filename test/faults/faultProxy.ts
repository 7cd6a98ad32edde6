// A TCP proxy on the loopback between a client and its server: it knows WebSocket frames, is as slow and faulty as it is told,
// counts, and stops when told.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Direction, type Fault, FaultyStream, type Step, swapMs, type Tap, type Turn } from './FaultyStream.js';
import { FrameSplitter, textFrame } from './frames.js';
import { randomOf } from './random.js';

export interface FaultProxyOptions {
  /** The `ws://` URL of the server behind. */
  readonly target: string;
  /** What goes wrong on each connection, or on so many of the first. */
  readonly faults?: readonly Fault[];
  readonly faultyConnections?: number | undefined;
  readonly tap?: Tap | undefined;
  /** Bytes a second in each direction of each connection; no bound unless given. */
  readonly bytesPerSecond?: number | undefined;
  /** Milliseconds that every byte is on its way, in each direction, and how many more at random. */
  readonly delayMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  readonly seed?: number | undefined;
}

export interface FaultProxy extends AsyncDisposable {
  /** The `ws://` URL of the proxy. */
  readonly url: string;
  /** Resolves when `bytes` bytes have been taken from the client (`up`) or the server (`down`). */
  passed(direction: Direction, bytes: number): Promise<void>;
  /** What has been taken so far. */
  readonly counts: Readonly<Record<Direction, number>>;
  /** Resets every connection, as a router that forgets them. */
  cut(): void;
}

const slicesPerSecond = 50;

/** Starts a proxy to `options.target`. */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const target = new URL(options.target);
  const counts = { up: 0, down: 0 };
  const waiting = new Set<() => void>();
  const pairs = new Set<Pair>();
  let connections = 0;
  const count = (direction: Direction, bytes: number) => {
    counts[direction] += bytes;
    for (const check of waiting) check();
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    const isFaulty = connections++ < (options.faultyConnections ?? Number.POSITIVE_INFINITY);
    const pair = new Pair(client, upstream, isFaulty ? options : { ...options, faults: [] }, count);
    pairs.add(pair);
    void pair.over.then(() => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const pair of pairs) pair.turn('reset');
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
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

/** One connection through the proxy. */
class Pair {
  readonly over: Promise<unknown>;
  readonly #sockets: readonly [Socket, Socket];
  readonly #options: FaultProxyOptions;
  readonly #count: (direction: Direction, bytes: number) => void;
  readonly #random: (bound: number) => number;
  /** Nothing passes any more: the connection looks alive and is not. */
  #isHole = false;

  constructor(client: Socket, upstream: Socket, options: FaultProxyOptions, count: Pair['count']) {
    this.#sockets = [client, upstream];
    this.#options = options;
    this.#count = count;
    this.#random = randomOf(options.seed ?? 1);
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      // An orderly end is handed on behind the bytes that are still on their way.
      socket.once('close', (hasFailed) => hasFailed && this.#destroy());
    }
    this.over = Promise.all(this.#sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    void this.#forward('up', client, upstream);
    void this.#forward('down', upstream, client);
  }

  get count(): (direction: Direction, bytes: number) => void {
    return this.#count;
  }

  turn(turn: Turn): void {
    if (turn === 'hole') this.#isHole = true;
    else if (turn === 'cut') for (const socket of this.#sockets) socket.destroySoon();
    else for (const socket of this.#sockets) reset(socket);
  }

  #destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Carries one direction until either side ends, with its faults, its rate, its delay and the other side's back-pressure. */
  async #forward(direction: Direction, from: Socket, to: Socket): Promise<void> {
    const splitter = new FrameSplitter();
    const stream = new FaultyStream(direction, this.#options.faults ?? [], this.#options.tap);
    const send = this.#sender(direction, to);
    try {
      // Iterating would destroy the socket at the end of its input, and with it what is still to be written to it.
      const pieces: AsyncIterable<Buffer> = from.iterator({ destroyOnReturn: false });
      for await (const piece of pieces) {
        for (const unit of splitter.take(piece)) {
          const step = await stream.take(unit);
          await this.#do(step, { from, send });
          if (step.isHolding) setTimeout(() => void this.#do(stream.overdue(), { from, send }), swapMs);
        }
      }
      if (!this.#isHole) send(undefined);
    } catch {
      to.destroy();
    }
  }

  async #do(
    { pass, turn, answer }: Step,
    { from, send }: { from: Socket; send: (b: Buffer) => Promise<void> },
  ): Promise<void> {
    for (const bytes of pass) if (!this.#isHole) await send(bytes);
    if (answer !== undefined) from.write(textFrame(JSON.stringify(answer)));
    if (turn !== undefined) this.turn(turn);
  }

  /** Writes to `to` in order, each piece when its time has come; undefined is the end. */
  #sender(direction: Direction, to: Socket): (bytes: Buffer | undefined) => Promise<void> {
    const { bytesPerSecond = Infinity, delayMs = 0, jitterMs = 0 } = this.#options;
    const sliceBytes = Number.isFinite(bytesPerSecond)
      ? Math.max(1, Math.floor(bytesPerSecond / slicesPerSecond))
      : Infinity;
    let last = Promise.resolve();
    const deliver = (work: () => void) => {
      if (delayMs + jitterMs === 0) return work();
      const dueAt = performance.now() + delayMs + this.#random(jitterMs + 1);
      // Timers of different lengths may go off in any order, bytes may not.
      last = last.then(() => until(dueAt)).then(work);
    };
    return async (bytes) => {
      if (bytes === undefined) return deliver(() => to.end());
      for (let at = 0; at < bytes.length; at += sliceBytes) {
        const slice = bytes.subarray(at, at + sliceBytes);
        this.#count(direction, slice.length);
        deliver(() => void (to.writable && to.write(slice)));
        if (sliceBytes !== Infinity) await new Promise((resolve) => setTimeout(resolve, 1000 / slicesPerSecond));
        if (to.writableNeedDrain) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
    };
  }
}

/** Node 20 never ends (`FreeEnvironment` spins) once a socket was reset whose end was under way. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function until(dueAt: number): Promise<void> {
  const waitMs = dueAt - performance.now();
  return waitMs <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, waitMs));
}

// Reads a client's socket into the same memory again and again. By itself Node makes a buffer of 64 KiB for every read, and four times
// as many reads; making, joining and collecting those buffers was a quarter of what a download cost (`npm run bench -- download`).

import { connect, type createConnection, type NetConnectOpts, type Socket } from 'node:net';

const KiB = 1024;
/** Six messages with a chunk of the default size. The more of them fit, the less is moved to the front. */
const memoryBytes = 2048 * KiB;
/** The most bytes that come at once, from Node's own reads as well. */
export const maxReadBytes = memoryBytes;
/** What is read at once at least; room for less is made larger. */
const minReadBytes = 256 * KiB;

/** Who takes what was read. */
export interface BytesTaker {
  /** Hears how many bytes have come. */
  arrived(bytes: number): void;
  /** Returns how many of `bytes` it took. It gets the others again, with more behind them, and leaves at most `keptBytes`. */
  take(bytes: Buffer, keptBytes: number): number;
}

export class SocketReader {
  readonly #memory = Buffer.allocUnsafeSlow(memoryBytes);
  /** Where what nobody has taken begins and ends. */
  #start = 0;
  #end = 0;
  #socket: Socket | undefined;
  #taker: BytesTaker | undefined;

  /** Connects as Node's own does. Until somebody takes over, the socket emits what it reads like any other. */
  readonly createConnection = ((options: NetConnectOpts): Socket => {
    const onread = { buffer: () => this.#room(), callback: (count: number) => this.#received(count) };
    this.#socket = connect({ ...options, onread });
    return this.#socket;
  }) as typeof createConnection;

  /** From now on `taker` gets what is read, as soon as the socket has emitted what it holds already. */
  takeOver(taker: BytesTaker): void {
    this.#taker = taker;
  }

  /** From now on the socket emits what it reads. */
  release(): void {
    this.#taker = undefined;
  }

  /** Where the next bytes go. */
  #room(): Buffer {
    if (this.#memory.length - this.#end < minReadBytes) {
      this.#memory.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    return this.#memory.subarray(this.#end);
  }

  /** False stops the reading until it is resumed. */
  #received(count: number): boolean {
    this.#end += count;
    const bytes = this.#memory.subarray(this.#start, this.#end);
    if (this.#taker === undefined || this.#socket?.readableLength !== 0) {
      this.#taken(bytes.length);
      return this.#socket?.push(Buffer.from(bytes)) ?? false;
    }
    this.#taker.arrived(count);
    this.#taken(this.#taker.take(bytes, memoryBytes - minReadBytes));
    return true;
  }

  #taken(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }
}

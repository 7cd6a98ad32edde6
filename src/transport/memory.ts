// Two transports joined in memory: what one sends, the other receives, in order and on a later tick. For tests and embedding.

import type { CloseReason, Transport, TransportListener } from './Transport.js';

/** A joined pair. Closing either end closes both, as a socket would. */
export function memoryTransportPair(): [Transport, Transport] {
  const left = new MemoryTransport();
  const right = new MemoryTransport();
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryTransport implements Transport {
  #peer: MemoryTransport | undefined;
  #listener: TransportListener | undefined;
  #inbox: Buffer[] = [];
  #paused = false;
  #deliveryPending = false;
  #ending: CloseReason | undefined;
  #isClosed = false;

  join(peer: MemoryTransport): void {
    this.#peer = peer;
  }

  get queuedBytes(): number {
    return this.#peer?.inboxBytes ?? 0;
  }

  get inboxBytes(): number {
    return this.#inbox.reduce((sum, frame) => sum + frame.length, 0);
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    this.#schedule();
  }

  async send(frame: Buffer): Promise<void> {
    if (this.#ending === undefined) this.#peer?.receive(Buffer.from(frame));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  async close(reason: string): Promise<void> {
    this.end({ text: reason, local: true });
    this.#peer?.end({ text: `the peer closed the connection: ${reason}`, local: false });
  }

  receive(frame: Buffer): void {
    if (this.#ending !== undefined) return;
    this.#inbox.push(frame);
    this.#schedule();
  }

  end(reason: CloseReason): void {
    if (this.#ending !== undefined) return;
    this.#ending = reason;
    if (reason.local) this.#inbox = [];
    this.#schedule();
  }

  #schedule(): void {
    if (this.#deliveryPending || this.#listener === undefined) return;
    this.#deliveryPending = true;
    setImmediate(() => {
      this.#deliveryPending = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const listener = this.#listener;
    if (listener === undefined || this.#isClosed) return;
    while (!this.#paused) {
      const frame = this.#inbox.shift();
      if (frame === undefined) break;
      listener.message(frame);
    }
    if (this.#ending === undefined || (this.#inbox.length > 0 && !this.#ending.local)) return;
    this.#isClosed = true;
    listener.closed(this.#ending);
  }
}

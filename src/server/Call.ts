// What a handler knows of the request it answers: how its client writes paths, and the room its answer takes.

import { encodedChars } from '../protocol/base64.js';
import type { OperationGate } from './OperationGate.js';
import type { ClientKind } from './wirePath.js';

/** Bytes that an answer without a chunk is taken for. */
const plainAnswerBytes = 512;

function weightOf(chunkBytes: number): number {
  return plainAnswerBytes + encodedChars(chunkBytes);
}

/** One request from its arrival until its answer is taken by the client's socket. */
export class Call {
  readonly client: ClientKind;
  readonly #gate: OperationGate;
  #heldBytes = 0;

  constructor(client: ClientKind, gate: OperationGate) {
    this.client = client;
    this.#gate = gate;
  }

  /** Runs `work`, whose answer carries up to `chunkBytes` bytes, when the session has room for it. A second run replaces the first. */
  run<T>(chunkBytes: number, work: () => Promise<T>): Promise<T> {
    this.release();
    const weight = weightOf(chunkBytes);
    return this.#gate.run(weight, () => {
      this.#heldBytes += weight;
      return work();
    });
  }

  /** The chunk of the answer turned out to have `chunkBytes` bytes: what was held beyond that is free. */
  needsOnly(chunkBytes: number): void {
    const excess = this.#heldBytes - weightOf(chunkBytes);
    if (excess <= 0) return;
    this.#heldBytes -= excess;
    this.#gate.release(excess);
  }

  /** The answer is taken, or there will be none. */
  release(): void {
    if (this.#heldBytes === 0) return;
    const held = this.#heldBytes;
    this.#heldBytes = 0;
    this.#gate.release(held);
  }
}

// The one read pipeline: bounded positional reads kept in flight, yielded strictly in offset order. When it returns or
// throws, nothing is in flight.

import { setMaxListeners } from 'node:events';
import { CodexfsError, ProtocolError } from '../errors.js';
import type { OperationOptions, ReadResult } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Window } from './Window.js';

export interface ReadAheadOptions extends OperationOptions {
  readonly window: Window;
  /** Where to begin, in bytes. */
  readonly startOffset?: number;
  /** Where to stop, in bytes; without it, at the end of the file. */
  readonly endOffset?: number | undefined;
  /** Where the end is thought to be: reads beyond it are not speculated on. The file's own `eof` decides. */
  readonly expectedEnd?: number | undefined;
}

export interface Chunk {
  readonly offset: number;
  readonly bytes: Buffer;
  /** Whether the file ended behind these bytes when they were read. */
  readonly eof: boolean;
}

/** Reads up to `maxBytes` at `offset`; an answer may be shorter. */
export type ReadAt = (offset: number, maxBytes: number, options: OperationOptions) => Promise<ReadResult>;

interface Slot {
  readonly offset: number;
  readonly length: number;
  readonly answer: Promise<ReadResult>;
}

/** Two answers without bytes and without an end, one after the other, are an endless file and not a slow one. */
const maxEmptyAnswers = 2;

/**
 * Yields the file's chunks from `startOffset` on. A short answer has its rest asked for again.
 * @throws {CodexfsError} `source_changed` when it goes on far beyond the end that was expected
 * @throws {ProtocolError} when the source answers with nothing again and again but never with an end
 */
export async function* readAhead(read: ReadAt, options: ReadAheadOptions): AsyncGenerator<Chunk, void, void> {
  const line = new ReadLine(read, options);
  let emptyAnswers = 0;
  try {
    for (let slot = line.next(); slot !== undefined; slot = line.next()) {
      const { bytes, eof } = await slot.answer;
      checkGrowth(slot.offset, options.expectedEnd);
      emptyAnswers = bytes.length === 0 ? emptyAnswers + 1 : 0;
      if (emptyAnswers >= maxEmptyAnswers && !eof) {
        throw new ProtocolError('eof', 'the source answers with no bytes and without an end');
      }
      if (eof) line.end();
      else if (bytes.length < slot.length) line.askRest(slot, bytes.length);
      if (bytes.length > 0 || eof) yield { offset: slot.offset, bytes, eof };
      if (eof) return;
    }
  } finally {
    await line.settle();
  }
}

/** A file that said it has `expectedEnd` bytes; one that says 0, as in /proc, says nothing. */
function checkGrowth(offset: number, expectedEnd = 0): void {
  if (expectedEnd === 0 || offset <= expectedEnd + limits.sourceGrowthBytes) return;
  const what = `it had ${expectedEnd} bytes and now has more than ${offset}`;
  throw new CodexfsError('source_changed', `changed while it was copied: ${what}`);
}

/** The reads in flight, in offset order. */
class ReadLine {
  readonly #read: ReadAt;
  readonly #options: ReadAheadOptions;
  #slots: Slot[] = [];
  /** Content that was asked for and not yet handed out, answered or not: what the window bounds. */
  #heldBytes = 0;
  #nextOffset: number;
  #ended = false;

  constructor(read: ReadAt, options: ReadAheadOptions) {
    this.#read = read;
    this.#options = options;
    // Each read in flight listens to it; there are more of them than Node takes for sound.
    if (options.signal !== undefined) setMaxListeners(0, options.signal);
    this.#nextOffset = options.startOffset ?? 0;
  }

  /** Tops up the line and takes its first slot; undefined when there is nothing left to ask. */
  next(): Slot | undefined {
    this.#options.signal?.throwIfAborted();
    this.#fill();
    const slot = this.#slots.shift();
    if (slot !== undefined) this.#heldBytes -= slot.length;
    return slot;
  }

  /** Nothing exists behind the slot that was just taken; what is in flight there is of no use. */
  end(): void {
    this.#ended = true;
  }

  /** Puts the unanswered rest of `slot` first. */
  askRest(slot: Slot, answeredBytes: number): void {
    this.#slots.unshift(this.#ask(slot.offset + answeredBytes, slot.length - answeredBytes));
  }

  /** Waits for everything in flight, whatever becomes of it. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#slots.map((slot) => slot.answer));
    this.#slots = [];
  }

  #fill(): void {
    const { window, endOffset, expectedEnd } = this.#options;
    while (!this.#ended) {
      const room = endOffset === undefined ? Number.POSITIVE_INFINITY : endOffset - this.#nextOffset;
      const length = Math.min(window.chunkBytes, room);
      if (length <= 0) return;
      const isSpeculative = expectedEnd !== undefined && this.#nextOffset > expectedEnd;
      const isFull = isSpeculative || this.#heldBytes + length > window.bytes;
      if (isFull && this.#slots.length > 0) return;
      this.#slots.push(this.#ask(this.#nextOffset, length));
      this.#nextOffset += length;
    }
  }

  #ask(offset: number, length: number): Slot {
    const { window, signal } = this.#options;
    const flight = window.sent();
    const answer = this.#read(offset, length, { signal });
    // Observed here, so that a failure behind the point of reading is never an unhandled rejection.
    answer.then(
      ({ bytes }) => window.answered(flight, bytes.length),
      () => {},
    );
    this.#heldBytes += length;
    return { offset, length, answer };
  }
}

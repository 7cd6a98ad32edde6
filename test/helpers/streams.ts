// Streams of bytes for tests: a sink that keeps what it took, and can be slow, full or broken.

import { Writable } from 'node:stream';

export interface SinkOptions {
  /** Waited for before each piece is taken. */
  readonly before?: (taken: number) => void | Promise<void>;
  readonly highWaterMark?: number;
}

export interface Sink {
  readonly stream: Writable;
  readonly content: () => Buffer;
}

export function streamTo({ before, highWaterMark }: SinkOptions = {}): Sink {
  const taken: Buffer[] = [];
  const stream = new Writable({
    ...(highWaterMark === undefined ? {} : { highWaterMark }),
    write(piece: Buffer, _encoding, done) {
      Promise.resolve(taken.length)
        .then(before)
        .then(() => void taken.push(Buffer.from(piece)))
        .then(() => done(), done);
    },
  });
  // A failing write is also an 'error' of the stream, which ends the process unless somebody listens.
  stream.on('error', () => {});
  return { stream, content: () => Buffer.concat(taken) };
}

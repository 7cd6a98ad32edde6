// Compares two files byte by byte, in bounded memory, and stops at the first difference.

import { recycleChunk } from '../protocol/chunkPool.js';
import type { Endpoint } from './Endpoint.js';
import type { Chunk } from './readAhead.js';
import { Source, type SourceOptions } from './Source.js';

type Chunks = AsyncGenerator<Chunk, void, void>;

/** Whether the files at `a` and `b` hold the same bytes. */
export async function haveSameContent(a: Endpoint, b: Endpoint, options: SourceOptions): Promise<boolean> {
  await using first = await Source.open(a, options);
  await using second = await Source.open(b, options);
  return await contentsAgree(first.chunks(), second.chunks());
}

/** Whether `first` and `second`, which it takes over, yield the same bytes. */
export async function contentsAgree(first: Chunks, second: Chunks): Promise<boolean> {
  const others = new Stretches(second);
  for await (const { bytes } of first) {
    for (let done = 0; done < bytes.length; ) {
      const other = await others.next(bytes.length - done);
      if (other === undefined || !other.equals(bytes.subarray(done, done + other.length))) return false;
      done += other.length;
    }
    recycleChunk(bytes);
  }
  return (await others.next(1)) === undefined;
}

/** A file's content in stretches of at most a wanted length. */
class Stretches {
  readonly #chunks: Chunks;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
  }

  /** The next bytes, at least one and at most `maxBytes`; undefined at the end. */
  async next(maxBytes: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const chunk = await this.#chunks.next();
      if (chunk.done === true) return undefined;
      this.#rest = chunk.value.bytes;
    }
    const bytes = this.#rest.subarray(0, maxBytes);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }
}

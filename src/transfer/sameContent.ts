// Compares two files byte by byte, in bounded memory, and stops at the first difference.

import { recycleChunk } from '../protocol/chunkPool.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import type { Chunk } from './readAhead.js';
import { Source, type SourceOptions } from './Source.js';
import { halfOf } from './Window.js';

type Chunks = AsyncGenerator<Chunk, void, void>;

/** Whether the files at `a` and `b` hold the same bytes. */
export async function haveSameContent(a: Endpoint, b: Endpoint, options: SourceOptions): Promise<boolean> {
  return (await firstDifference(a, b, options)) === undefined;
}

/** The offset of the first byte that is not the same in the files at `a` and `b`: that of the end of one if it is a beginning of the other. */
export async function firstDifference(a: Endpoint, b: Endpoint, options: SourceOptions): Promise<number | undefined> {
  const each = { ...options, windowBytes: halfOf(options.windowBytes ?? limits.windowBytes) };
  await using first = await Source.open(a, each);
  await using second = await Source.open(b, each);
  return await differenceOf(first.chunks(), second.chunks());
}

/** Whether `first` and `second`, which it takes over, yield the same bytes. */
export async function contentsAgree(first: Chunks, second: Chunks): Promise<boolean> {
  return (await differenceOf(first, second)) === undefined;
}

async function differenceOf(first: Chunks, second: Chunks): Promise<number | undefined> {
  const others = new Stretches(second);
  let offset = 0;
  for await (const { bytes } of first) {
    for (let done = 0; done < bytes.length; ) {
      const other = await others.next(bytes.length - done);
      if (other === undefined) return offset + done;
      const same = sameBytes(other, bytes.subarray(done, done + other.length));
      done += same;
      if (same < other.length) return offset + done;
    }
    offset += bytes.length;
    recycleChunk(bytes);
  }
  return (await others.next(1)) === undefined ? undefined : offset;
}

/** How many bytes `a` and `b`, which are equally long, have in common from their beginning. */
export function sameBytes(a: Buffer, b: Buffer): number {
  if (a.equals(b)) return a.length;
  return a.findIndex((byte, index) => byte !== b[index]);
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

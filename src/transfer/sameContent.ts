// Compares two files byte by byte, in bounded memory. For the rare pair of paths that may be one file and cannot be told apart.

import type { Endpoint } from './Endpoint.js';
import { Source, type SourceOptions } from './Source.js';

/** Whether the files at `a` and `b` hold the same bytes. */
export async function haveSameContent(a: Endpoint, b: Endpoint, options: SourceOptions): Promise<boolean> {
  await using first = await Source.open(a, options);
  await using second = await Source.open(b, options);
  const others = new Stretches(second);
  for await (const { bytes } of first.chunks()) {
    for (let done = 0; done < bytes.length; ) {
      const other = await others.next(bytes.length - done);
      if (other === undefined || !other.equals(bytes.subarray(done, done + other.length))) return false;
      done += other.length;
    }
  }
  return (await others.next(1)) === undefined;
}

/** A file's content in stretches of at most a wanted length. */
class Stretches {
  readonly #chunks: ReturnType<Source['chunks']>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: Source) {
    this.#chunks = source.chunks();
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

// Memory for chunks and their frames, used again. They live just long enough to outlast V8's cheap collections, so without this a transfer
// holds some 64 MiB of dead buffers at any time. Giving a chunk back is a choice: what is not given back is collected.

import { limits } from './limits.js';

/** A frame with the largest chunk in it as base64, its envelope included; a chunk by itself fits as well. */
const slabBytes = Math.ceil(limits.maxChunkBytes / 3) * 4 + 1024;
/** Smaller chunks are not worth it. */
const minPooledBytes = 32 * 1024;
/** Slabs kept for later: as many as a fast local transfer has in use. */
const maxFreeSlabs = 8;

const slabs = new WeakMap<ArrayBufferLike, Buffer>();
const free = new Set<Buffer>();

/** Memory for `sizeBytes` bytes of unspecified content. */
export function takeChunk(sizeBytes: number): Buffer {
  if (sizeBytes < minPooledBytes || sizeBytes > slabBytes) return Buffer.allocUnsafe(sizeBytes);
  let [slab] = free;
  if (slab === undefined) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    slabs.set(slab.buffer, slab);
  } else free.delete(slab);
  return slab.subarray(0, sizeBytes);
}

/** Gives the memory of `chunk` back. The caller is its only owner, and neither it nor anything it was handed to looks at it again. */
export function recycleChunk(chunk: Buffer): void {
  const slab = slabs.get(chunk.buffer);
  if (slab !== undefined && free.size < maxFreeSlabs) free.add(slab);
}

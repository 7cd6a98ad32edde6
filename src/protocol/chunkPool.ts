// Memory for chunks and their frames, used again. They live just long enough to outlast V8's cheap collections, so without this a transfer
// holds some 64 MiB of dead buffers at any time. Giving a chunk back is a choice: what is not given back is collected.

import { limits } from './limits.js';

/** What the envelope around a chunk takes, and the byte more that a local read asks for. */
const slackBytes = 1024;

/** The sizes of slabs: a chunk and its base64, of the size that is asked for by default and of the largest. */
const slabSizes = [limits.blockReadBytes, limits.maxChunkBytes]
  .flatMap((bytes) => [bytes, Math.ceil(bytes / 3) * 4])
  .map((bytes) => bytes + slackBytes);

/** Longer memory is not used again. */
export const maxPooledBytes = Math.max(...slabSizes);
/** Smaller chunks are not worth it. */
const minPooledBytes = 32 * 1024;
/** Bytes of slabs kept for later: as many as a fast local transfer has in use. */
export const maxFreeBytes = 12 * 1024 * 1024;

const slabs = new WeakMap<ArrayBufferLike, Buffer>();
const free = new Map<number, Set<Buffer>>(slabSizes.map((sizeBytes) => [sizeBytes, new Set()]));
let freeBytes = 0;

/** Memory for `sizeBytes` bytes of unspecified content. */
export function takeChunk(sizeBytes: number): Buffer {
  const slabBytes = sizeBytes < minPooledBytes ? undefined : slabSizes.find((bytes) => bytes >= sizeBytes);
  if (slabBytes === undefined) return Buffer.allocUnsafe(sizeBytes);
  return takeSlab(slabBytes).subarray(0, sizeBytes);
}

function takeSlab(slabBytes: number): Buffer {
  const kept = free.get(slabBytes);
  const [slab] = kept ?? [];
  if (slab !== undefined) {
    kept?.delete(slab);
    freeBytes -= slabBytes;
    return slab;
  }
  const made = Buffer.allocUnsafeSlow(slabBytes);
  slabs.set(made.buffer, made);
  return made;
}

/** Gives the memory of `chunk` back. The caller is its only owner, and neither it nor anything it was handed to looks at it again. */
export function recycleChunk(chunk: Buffer): void {
  const slab = slabs.get(chunk.buffer);
  const kept = slab === undefined ? undefined : free.get(slab.length);
  if (slab === undefined || kept === undefined || kept.has(slab)) return;
  if (freeBytes + slab.length > maxFreeBytes) return;
  kept.add(slab);
  freeBytes += slab.length;
}

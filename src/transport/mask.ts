// The masks under which a client's frames travel (RFC 6455 section 5.3): where they come from, and putting them on and off.

import { randomFillSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { maskChoice } from './maskChoice.js';

type ApplyMask = (bytes: Buffer, mask: Buffer) => void;

export const maskBytes = 4;

/**
 * Puts the four bytes of `mask` on `bytes`, in place, or takes them off: it is the same. With the optional package, which is fifteen
 * times as fast, where it is installed.
 */
export const applyMask: ApplyMask = ofPackage() ?? applyMaskByWords;

maskChoice.isOwn = applyMask === applyMaskByWords;

export function applyMaskByWords(bytes: Buffer, mask: Buffer): void {
  const wordCount = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0;
  if (wordCount > 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, wordCount);
    const [word = 0] = new Uint32Array(Uint8Array.from(mask).buffer);
    for (let index = 0; index < wordCount; index++) words[index] = (words[index] ?? 0) ^ word;
  }
  for (let at = wordCount * 4; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (mask[at % 4] ?? 0);
}

/** Undefined where the package is missing, or is not to be used, by the variable that ws heeds for that. */
function ofPackage(): ApplyMask | undefined {
  if (process.env.WS_NO_BUFFER_UTIL) return undefined;
  try {
    const { unmask } = createRequire(import.meta.url)('bufferutil') as { unmask: ApplyMask };
    return unmask;
  } catch {
    return undefined;
  }
}

/** Random bytes for so many masks are had at once: a call for each takes longer than the mask itself. */
const masks = Buffer.allocUnsafeSlow(1024 * maskBytes);
let nextMask = masks.length;

/** A mask that nobody can foresee. It is good until the next call. */
export function newMask(): Buffer {
  if (nextMask === masks.length) {
    randomFillSync(masks);
    nextMask = 0;
  }
  nextMask += maskBytes;
  return masks.subarray(nextMask - maskBytes, nextMask);
}

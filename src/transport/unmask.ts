// Takes a client's mask off the payload of a frame (RFC 6455 section 5.3).

import { createRequire } from 'node:module';

type Unmask = (bytes: Buffer, mask: Buffer) => void;

/** Takes the four bytes of `mask` off `bytes`, in place. With the optional package, which is fifteen times as fast, where it is installed. */
export const unmask: Unmask = unmaskOfPackage() ?? unmaskByWords;

export function unmaskByWords(bytes: Buffer, mask: Buffer): void {
  const wordCount = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0;
  if (wordCount > 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, wordCount);
    const [word = 0] = new Uint32Array(Uint8Array.from(mask).buffer);
    for (let index = 0; index < wordCount; index++) words[index] = (words[index] ?? 0) ^ word;
  }
  for (let at = wordCount * 4; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (mask[at % 4] ?? 0);
}

function unmaskOfPackage(): Unmask | undefined {
  try {
    const { unmask } = createRequire(import.meta.url)('bufferutil') as { unmask: Unmask };
    return unmask;
  } catch {
    return undefined;
  }
}

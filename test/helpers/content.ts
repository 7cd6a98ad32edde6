// File contents that look random, are the same on every run, and cost little to make.

import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** `sizeBytes` bytes that depend on `seed` alone. */
export function contentOf(sizeBytes: number, seed = 1): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** The SHA-256 of a file or of bytes, in hex. */
export async function sha256(file: string | Buffer): Promise<string> {
  const hash = createHash('sha256');
  if (typeof file === 'string') await pipeline(createReadStream(file), hash);
  else hash.update(file);
  return hash.digest('hex');
}

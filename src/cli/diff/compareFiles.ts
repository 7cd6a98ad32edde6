// Whether two files hold the same bytes, and if not, what can be said of the difference.

import { isUtf8 } from 'node:buffer';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { Source } from '../../transfer/Source.js';
import { firstDifference, sameBytes } from '../../transfer/sameContent.js';
import { smallContent } from '../../transfer/smallContent.js';
import { hashOf } from '../../transfer/verification.js';

/** Bytes of the largest file that is compared line by line. */
const maxTextBytes = 1024 * 1024;

export interface CompareOptions {
  readonly signal: AbortSignal;
  /** Whether nothing but the fact is of interest. */
  readonly isBrief: boolean;
}

export type FileDifference =
  | { readonly type: 'size'; readonly firstBytes: number; readonly secondBytes: number }
  | { readonly type: 'byte'; readonly offset: number }
  | { readonly type: 'text'; readonly first: string; readonly second: string };

/** Undefined if the files at `a` and `b` are the same. @throws {CodexfsError} when one cannot be read */
export async function compareFiles(
  a: Endpoint,
  b: Endpoint,
  { signal, isBrief }: CompareOptions,
): Promise<FileDifference | undefined> {
  const small = await Promise.all([a, b].map((at) => smallContent(at, { signal })));
  if (small[0] !== undefined && small[1] !== undefined) return compareWhole(small[0], small[1]);
  const [first, second] = await Promise.all([a, b].map(({ fileSystem, path }) => fileSystem.stat(path, { signal })));
  const [firstBytes, secondBytes] = [first?.sizeBytes, second?.sizeBytes];
  if (firstBytes !== undefined && secondBytes !== undefined) {
    const isSmall = firstBytes <= maxTextBytes && secondBytes <= maxTextBytes;
    if (isSmall && !isBrief) return compareWhole(await contentOf(a, signal), await contentOf(b, signal));
    if (firstBytes !== secondBytes) return { type: 'size', firstBytes, secondBytes };
  }
  if (await haveSameHash(a, b, signal)) return undefined;
  const offset = await firstDifference(a, b, { signal });
  return offset === undefined ? undefined : { type: 'byte', offset };
}

/** Whether it is known by a hash that the files are the same: only where the host of one can make it, and saves its bytes the way. */
async function haveSameHash(a: Endpoint, b: Endpoint, signal: AbortSignal): Promise<boolean> {
  const hashes = await Promise.all(
    [a, b].map(async ({ fileSystem, path }) => (await fileSystem.hashFiles?.([path], { signal }))?.get(path)),
  );
  if (hashes.every((hash) => hash === undefined)) return false;
  const [first, second] = await Promise.all([a, b].map((at, index) => hashes[index] ?? hashOf(at, { signal })));
  return first === second;
}

function compareWhole(first: Buffer, second: Buffer): FileDifference | undefined {
  if (first.equals(second)) return undefined;
  if (isText(first) && isText(second)) return { type: 'text', first: first.toString(), second: second.toString() };
  const length = Math.min(first.length, second.length);
  return { type: 'byte', offset: sameBytes(first.subarray(0, length), second.subarray(0, length)) };
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** All of the file, which is small unless it grows meanwhile. */
async function contentOf(at: Endpoint, signal: AbortSignal): Promise<Buffer> {
  await using source = await Source.open(at, { signal });
  const pieces: Buffer[] = [];
  for await (const { bytes } of source.chunks({ start: 0, end: 2 * maxTextBytes })) pieces.push(bytes);
  return Buffer.concat(pieces);
}

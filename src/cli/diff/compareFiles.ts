// Whether two files hold the same bytes, and if not, what can be said of the difference.

import { isUtf8 } from 'node:buffer';
import { limits } from '../../protocol/limits.js';
import type { BytesInFlight } from '../../transfer/BytesInFlight.js';
import { distanceOf, type Endpoint } from '../../transfer/Endpoint.js';
import type { FilesInFlight } from '../../transfer/FilesInFlight.js';
import { Source, type SourceOptions } from '../../transfer/Source.js';
import { firstDifference, sameBytes } from '../../transfer/sameContent.js';
import { withSmallContents } from '../../transfer/smallContent.js';
import { hashOf } from '../../transfer/verification.js';
import { halfOf } from '../../transfer/Window.js';

/** Bytes of the largest file that is compared line by line. */
const maxTextBytes = 1024 * 1024;

export interface CompareOptions {
  readonly signal: AbortSignal;
  /** Whether nothing but the fact is of interest. */
  readonly isBrief: boolean;
  /** Bounds what is compared at a time: bytes of files that are had in one step, and how many others. */
  readonly small: BytesInFlight;
  readonly large: FilesInFlight;
}

export type FileDifference =
  | { readonly type: 'size'; readonly firstBytes: number; readonly secondBytes: number }
  | { readonly type: 'byte'; readonly offset: number }
  | { readonly type: 'text'; readonly first: string; readonly second: string };

/** Undefined if the files at `a` and `b` are the same. @throws {CodexfsError} when one cannot be read */
export async function compareFiles(
  a: Endpoint,
  b: Endpoint,
  options: CompareOptions,
): Promise<FileDifference | undefined> {
  const { signal, small, large } = options;
  const compared = await withSmallContents([a, b], { signal, inFlight: small }, compareWhole);
  if (compared !== undefined) return compared.value;
  return large.run(
    () => compareLarge(a, b, options),
    () => distanceOf(a, b),
  );
}

async function compareLarge(
  a: Endpoint,
  b: Endpoint,
  { signal, isBrief, large }: CompareOptions,
): Promise<FileDifference | undefined> {
  const reading = { signal, windowBytes: large.shareBytes };
  const [first, second] = await Promise.all([a, b].map(({ fileSystem, path }) => fileSystem.stat(path, { signal })));
  const [firstBytes, secondBytes] = [first?.sizeBytes, second?.sizeBytes];
  if (firstBytes !== undefined && secondBytes !== undefined) {
    const isSmall = firstBytes <= maxTextBytes && secondBytes <= maxTextBytes;
    if (isSmall && !isBrief) return compareWhole(await contentOf(a, reading), await contentOf(b, reading));
    if (firstBytes !== secondBytes) return { type: 'size', firstBytes, secondBytes };
  }
  if (await haveSameHash(a, b, reading)) return undefined;
  const offset = await firstDifference(a, b, reading);
  return offset === undefined ? undefined : { type: 'byte', offset };
}

/** Whether it is known by a hash that the files are the same: only where the host of one can make it, and saves its bytes the way. */
async function haveSameHash(a: Endpoint, b: Endpoint, options: SourceOptions): Promise<boolean> {
  const hashes = await Promise.all(
    [a, b].map(async ({ fileSystem, path }) => (await fileSystem.hashFiles?.([path], options))?.get(path)),
  );
  if (hashes.every((hash) => hash === undefined)) return false;
  const each = { ...options, windowBytes: halfOf(options.windowBytes ?? limits.windowBytes) };
  const [first, second] = await Promise.all([a, b].map((at, index) => hashes[index] ?? hashOf(at, each)));
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
async function contentOf(at: Endpoint, options: SourceOptions): Promise<Buffer> {
  await using source = await Source.open(at, options);
  const pieces: Buffer[] = [];
  for await (const { bytes } of source.chunks({ start: 0, end: 2 * maxTextBytes })) pieces.push(bytes);
  return Buffer.concat(pieces);
}

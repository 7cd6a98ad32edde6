// The content of small files in one step each, for who looks at many.

import { FileError } from '../errors.js';
import type { ReadWholeOptions } from '../fs/FileSystem.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import { limits } from '../protocol/limits.js';
import { BytesInFlight } from './BytesInFlight.js';
import { type Endpoint, roundTripOf } from './Endpoint.js';

export interface SmallContentOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bounds the content that is in memory or on its way at a time. */
  readonly inFlight?: BytesInFlight | undefined;
  /** The largest file that counts as small. */
  readonly maxBytes?: number | undefined;
}

/** What was made of a small content. */
export interface Made<T> {
  readonly value: T;
}

/**
 * Gives the content of `file` to `use`, which keeps nothing of it. Undefined where the file is not small, is refused, or can only be
 * read through a handle: what that comes to, `Source` says.
 */
export async function withSmallContent<T>(
  file: Endpoint,
  { inFlight = new BytesInFlight(), ...options }: SmallContentOptions,
  use: (content: Buffer) => T,
): Promise<Made<T> | undefined> {
  using claim = inFlight.claim();
  const content = await read(file, options, (bytes) => claim.enter(bytes));
  return content && made([content], () => use(content));
}

/** The same for both of `a` and `b`. The nearer one is read behind the other: it comes at once, and would only lie there. */
export async function withSmallContents<T>(
  [a, b]: readonly [Endpoint, Endpoint],
  { inFlight = new BytesInFlight(), ...options }: SmallContentOptions,
  use: (first: Buffer, second: Buffer) => T,
): Promise<Made<T> | undefined> {
  using claim = inFlight.claim();
  const contentOf = (at: Endpoint) => read(at, options, (bytes) => claim.enter(2 * bytes));
  const inTurn = async (far: Endpoint, near: Endpoint) => {
    const content = await contentOf(far);
    return [content, content && (await contentOf(near))];
  };
  const areBothFar = roundTripOf(a) > 0 && roundTripOf(b) > 0;
  const [first, second] = areBothFar
    ? await Promise.all([contentOf(a), contentOf(b)])
    : roundTripOf(a) > 0
      ? await inTurn(a, b)
      : (await inTurn(b, a)).reverse();
  return first && second && made([first, second], () => use(first, second));
}

async function read(
  { fileSystem, path }: Endpoint,
  { signal, maxBytes = limits.smallFileBytes }: SmallContentOptions,
  beforeContent: ReadWholeOptions['beforeContent'],
): Promise<Buffer | undefined> {
  try {
    return (await fileSystem.readWhole?.(path, maxBytes, { signal, beforeContent }))?.bytes;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

/** What `use` makes of `contents`, whose memory is free then. */
function made<T>(contents: readonly Buffer[], use: () => T): Made<T> {
  const value = use();
  for (const content of contents) recycleChunk(content);
  return { value };
}

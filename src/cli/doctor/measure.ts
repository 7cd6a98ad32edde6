// Measurements of a server, each short and bounded: the time of a round trip, the speed both ways, how many files can be open.

import { randomFillSync } from 'node:crypto';
import { Writable } from 'node:stream';
import { FileError, hasCode } from '../../errors.js';
import type { ReadHandle } from '../../fs/FileSystem.js';
import type { RemoteFileSystem } from '../../fs/RemoteFileSystem.js';
import { copyFromStream, copyToStream } from '../../transfer/copyStream.js';
import type { Endpoint } from '../../transfer/Endpoint.js';

/** How many round trips the latency is the median of, behind one that is not counted. */
const roundTripCount = 9;
/** Bytes and milliseconds after which an upload has shown its speed, and milliseconds for the download of the same. */
const speedBytes = 64 * 1024 * 1024;
const speedMs = 1_500;
/** Bytes of one piece of the upload. */
const pieceBytes = 256 * 1024;
/** Open files that are tried for: more than any known server allows. */
const handleTries = 256;
const handlesAtATime = 16;

/** Bytes that were moved, and how long it took. */
export interface Speed {
  readonly bytes: number;
  readonly ms: number;
}

interface MeasureOptions {
  readonly signal: AbortSignal;
}

/** The median milliseconds of asking for facts about `path`. */
export async function measureLatency(
  fileSystem: RemoteFileSystem,
  path: string,
  options: MeasureOptions,
): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count <= roundTripCount; count++) {
    const startedAt = performance.now();
    await fileSystem.stat(path, options);
    if (count > 0) times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[roundTripCount >> 1] ?? 0;
}

/** Fills `to` for a while, but with no more than `maxBytes`, as a copy does it. */
export async function measureUpload(to: Endpoint, maxBytes: number, options: MeasureOptions): Promise<Speed> {
  const startedAt = performance.now();
  const { bytes } = await copyFromStream(pieces(Math.min(maxBytes, speedBytes)), 'random bytes', to, options);
  return { bytes, ms: performance.now() - startedAt };
}

/** Random bytes, so that nothing on the way makes them fewer, for `speedMs` milliseconds or `maxBytes` bytes. */
async function* pieces(maxBytes: number): AsyncGenerator<Buffer> {
  const random = randomFillSync(Buffer.alloc(pieceBytes));
  const until = performance.now() + speedMs;
  for (let sent = 0; sent < maxBytes && performance.now() < until; sent += pieceBytes) {
    // The copy keeps what it gets.
    yield Buffer.from(random.subarray(0, Math.min(pieceBytes, maxBytes - sent)));
  }
}

/** Reads `from`, for a while or to its end. */
export async function measureDownload(from: Endpoint, { signal }: MeasureOptions): Promise<Speed> {
  const startedAt = performance.now();
  const enough = AbortSignal.timeout(speedMs * 2);
  let bytes = 0;
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const onProgress = (moved: number) => {
    bytes += moved;
  };
  try {
    await copyToStream(from, nowhere, { signal: AbortSignal.any([signal, enough]), onProgress });
  } catch (error) {
    if (signal.aborted || !enough.aborted) throw error;
  }
  return { bytes, ms: performance.now() - startedAt };
}

export interface HandlesFound {
  /** How many files were open at once. */
  readonly count: number;
  /** Whether the server refused one more. */
  readonly isLimit: boolean;
  /** Bytes of one read. */
  readonly readChunkBytes: number | undefined;
}

/** Opens `path` again and again until the server refuses, and closes all. */
export async function countHandles(
  fileSystem: RemoteFileSystem,
  path: string,
  options: MeasureOptions,
): Promise<HandlesFound> {
  const open: ReadHandle[] = [];
  let isLimit = false;
  try {
    while (!isLimit && open.length < handleTries) {
      const opening = Array.from({ length: handlesAtATime }, () => fileSystem.openRead(path, options));
      const outcomes = await Promise.allSettled(opening);
      for (const outcome of outcomes) if (outcome.status === 'fulfilled') open.push(outcome.value);
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure === undefined) continue;
      if (!isRefusal(failure.reason)) throw failure.reason;
      isLimit = true;
    }
    return { count: open.length, isLimit, readChunkBytes: open[0]?.maxChunkBytes };
  } finally {
    await Promise.allSettled(open.map((handle) => handle.close()));
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof FileError || hasCode(error, 'limit_exceeded', 'too_many_open_files');
}

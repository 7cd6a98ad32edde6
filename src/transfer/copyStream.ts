// Copies between a file and a stream of bytes: standard input to a file, a file (or a stretch of one) to standard output.

import type { Writable } from 'node:stream';
import { CodexfsError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import type { CopyOptions, CopyResult } from './copyFile.js';
import { Destination } from './Destination.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { foreseen } from './failure.js';
import { Source, type WantedRange } from './Source.js';
import { abortable } from './settle.js';
import { asVerified, Verification } from './verification.js';

const shownOutput = 'standard output';

/**
 * Writes everything that `input` yields to `to`, and takes the buffers over. The destination is opened when the first bytes
 * are there, or the end.
 * @throws {TransferError} with what the destination then holds
 */
export async function copyFromStream(
  input: AsyncIterable<Buffer>,
  shownInput: string,
  to: Endpoint,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const pieces = piecesOf(input, shownInput);
  const next = () => abortable(pieces.next(), options.signal);
  const destination = new Destination(to, options);
  const verification = options.isVerified ? new Verification() : undefined;
  let side: 'source' | 'destination' = 'source';
  try {
    options.onStart?.(undefined, 0);
    let piece = await next();
    side = 'destination';
    await destination.open(undefined);
    while (piece.done !== true) {
      side = 'destination';
      verification?.update(piece.value);
      await options.rateLimit?.take(piece.value.length, options.signal);
      await destination.write(piece.value);
      side = 'source';
      piece = await next();
    }
    side = 'destination';
    const bytes = await destination.finish(true);
    await destination.checkSize(bytes);
    await verification?.check(to, options);
    return { bytes };
  } catch (error) {
    // Not waited for: a stream that still waits for its next piece ends only when that came.
    void releaseInput(pieces);
    const left = await destination.leave(undefined);
    const cause = foreseen(error, options.signal);
    if (cause === undefined) throw error;
    const partial = asVerified(left, cause);
    throw new TransferError({ from: shownInput, to: to.shown, side, partial, cause });
  }
}

async function releaseInput(pieces: AsyncGenerator<Buffer, void, void>): Promise<void> {
  try {
    await pieces.return();
  } catch {
    // The transfer has failed already, for another reason.
  }
}

/**
 * Writes `from`, or `range` of it, to `output`, waiting whenever `output` is full. Does not end `output`.
 * @throws {TransferError}
 */
export async function copyToStream(
  from: Endpoint,
  output: Writable,
  options: CopyOptions & { readonly range?: WantedRange | undefined } = {},
): Promise<CopyResult> {
  let side: 'source' | 'destination' = 'source';
  try {
    await using source = await Source.open(from, options);
    const range = source.rangeOf(options.range);
    options.onStart?.(source.bytesIn(range), 0);
    let bytes = 0;
    let chunkCount = 0;
    for await (const chunk of source.chunks(range)) {
      side = 'destination';
      await writeTo(output, chunk.bytes, options.signal);
      side = 'source';
      options.onProgress?.(chunk.bytes.length);
      bytes += chunk.bytes.length;
      chunkCount++;
    }
    if (options.range === undefined && chunkCount > 1) await source.checkUnchanged(bytes);
    return { bytes };
  } catch (error) {
    const cause = foreseen(error, options.signal);
    if (cause === undefined) throw error;
    throw new TransferError({ from: from.shown, to: shownOutput, side, partial: undefined, cause });
  }
}

/** What `input` yields; its failures are the system's, and become errors of the family. */
async function* piecesOf(input: AsyncIterable<Buffer>, shownInput: string): AsyncGenerator<Buffer, void, void> {
  try {
    yield* input;
  } catch (cause) {
    throw fileErrorFrom(cause, 'read', shownInput);
  }
}

async function writeTo(output: Writable, bytes: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const written = new Promise<void>((resolve, reject) => {
    output.write(bytes, (error) => (error == null ? resolve() : reject(outputError(error))));
  });
  await abortable(written, signal);
}

/** A reader that has gone away has all that it wanted: that ends the work and is no failure of it. */
function outputError(error: NodeJS.ErrnoException): CodexfsError {
  if (error.code === 'EPIPE') return new CodexfsError('cancelled', 'the reader of standard output went away');
  return fileErrorFrom(error, 'write', shownOutput);
}

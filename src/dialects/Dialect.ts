// What one family of file methods offers: handles, over one connection. Paths are in the wire's form.

import { CodexfsError, hasCode, ProtocolError } from '../errors.js';
import type { OpenReadOptions, OpenWriteOptions, ReadHandle, WriteHandle } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';

export type DialectName = 'handles' | 'blocks' | 'buffered' | 'process';

export interface Dialect {
  readonly name: DialectName;
  openRead(path: string, options: OpenReadOptions): Promise<ReadHandle>;
  openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle>;
}

/**
 * Sends an open and waits for it. If `signal` aborts first, the wait ends at once and the handle is closed when it comes, so
 * that an abandoned open leaves nothing behind on the server. Nothing is sent if it has aborted already.
 */
export async function openOrAbandon<T>(
  open: () => Promise<T>,
  closeLate: () => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return open();
  signal.throwIfAborted();
  const opening = open();
  let stopWaiting: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stopWaiting = () => reject(signal.reason);
    signal.addEventListener('abort', stopWaiting, { once: true });
  });
  aborted.catch(() => opening.then(closeLate)).catch(() => {});
  try {
    return await Promise.race([opening, aborted]);
  } finally {
    signal.removeEventListener('abort', stopWaiting);
  }
}

/**
 * A server's `maxChunkBytes` as a chunk size to use.
 * @throws {ProtocolError} unless it is a positive integer; the handle is then closed by `close`
 */
export function acceptedChunkBytes(maxChunkBytes: number, close: () => Promise<unknown>): number {
  if (Number.isSafeInteger(maxChunkBytes) && maxChunkBytes >= 1) return Math.min(maxChunkBytes, limits.maxChunkBytes);
  close().catch(() => {});
  throw new ProtocolError('maxChunkBytes', `the server offers chunks of ${maxChunkBytes} bytes`);
}

/** @throws {ProtocolError} when a server answered more bytes than it was asked for */
export function checkAnswerLength(bytes: Buffer, maxBytes: number): void {
  if (bytes.length > maxBytes) {
    throw new ProtocolError('chunk', `the server sent ${bytes.length} bytes where ${maxBytes} were asked for`);
  }
}

/** Whether the server does not have the method at all, which is reason to try another dialect. */
export function isUnknownMethod(error: unknown): error is CodexfsError {
  return hasCode(error, 'unsupported');
}

/** The error for what no dialect of a server can carry. */
export function unsupported(message: string, hint?: string): CodexfsError {
  return new CodexfsError('unsupported', message, { hint });
}

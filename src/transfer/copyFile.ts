// Copies one regular file: read pipeline in, write pipeline out, checks before and after. It returns only when the
// destination's bytes are the source's; every other way out says what the destination holds.

import { CodexfsError, hasCode } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { Destination } from './Destination.js';
import { type Endpoint, type PartialFile, TransferError } from './Endpoint.js';
import type { Chunk } from './readAhead.js';
import { Source } from './Source.js';
import { refuseSameFile } from './sameFile.js';

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears the source's size where it is known, before any byte moved. */
  readonly onStart?: ((totalBytes: number | undefined) => void) | undefined;
  /** Hears of every chunk that the destination has acknowledged, with its length. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** The most bytes in flight. Default `limits.windowBytes`. */
  readonly windowBytes?: number | undefined;
}

export interface CopyResult {
  readonly bytes: number;
}

/**
 * Copies the file `from` to `to`, which is created, or truncated in place.
 * @throws {TransferError} whatever went wrong, with what the destination then holds
 */
export async function copyFile(from: Endpoint, to: Endpoint, options: CopyOptions = {}): Promise<CopyResult> {
  const copy = new FileCopy(from, to, options);
  try {
    return await copy.run();
  } catch (error) {
    throw error instanceof CodexfsError ? await copy.failure(error) : error;
  }
}

/** One copy: what both its success and its failure need to know. */
class FileCopy {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #options: CopyOptions;
  /** Which end is being worked with, and so is to blame for an error. */
  #side: 'source' | 'destination' = 'source';
  #totalBytes: number | undefined;
  #destination: Destination | undefined;

  constructor(from: Endpoint, to: Endpoint, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    // Reads and writes each have a window; together they keep to the one bound.
    const windowBytes = Math.floor((options.windowBytes ?? limits.windowBytes) / 2);
    this.#options = { ...options, windowBytes };
  }

  async run(): Promise<CopyResult> {
    await using source = await Source.open(this.#from, this.#options);
    this.#totalBytes = source.claimedBytes;
    this.#options.onStart?.(source.claimedBytes);
    const chunks = source.chunks();
    try {
      return await this.#move(source, chunks);
    } finally {
      await chunks.return();
    }
  }

  /** The failure with what it left behind. */
  async failure(cause: CodexfsError): Promise<TransferError> {
    const partial: PartialFile | undefined = await this.#destination?.leave(cause, this.#totalBytes);
    return new TransferError({ from: this.#from.shown, to: this.#to.shown, side: this.#side, partial, cause });
  }

  /** The first chunk is read before the destination is opened, so that an unreadable source costs nothing. */
  async #move(source: Source, chunks: AsyncGenerator<Chunk, void, void>): Promise<CopyResult> {
    const first = await chunks.next();
    // What came in one read is a state that the file had; several reads may mix two states, so they are checked.
    const isOneRead = first.done === true || first.value.eof;
    this.#side = 'destination';
    await refuseSameFile(this.#from, this.#to, source.opened, this.#options.signal);
    const destination = await this.#openDestination(source);
    if (!isOneRead) await this.#checkNotEmptied(source);
    for (let chunk = first; chunk.done !== true; chunk = await this.#next(chunks)) {
      this.#side = 'destination';
      await destination.write(chunk.value.bytes);
    }
    this.#side = 'destination';
    const bytes = await destination.finish();
    // A size that was claimed and not found still asks for a second look.
    if (isOneRead && bytes === (this.#totalBytes ?? bytes)) return { bytes };
    await destination.checkSize(bytes);
    this.#side = 'source';
    await source.checkUnchanged(bytes);
    return { bytes };
  }

  async #openDestination(source: Source): Promise<Destination> {
    this.#side = 'destination';
    this.#destination = await Destination.open(this.#to, source.claimedBytes, this.#options);
    return this.#destination;
  }

  #next(chunks: AsyncGenerator<Chunk, void, void>): Promise<IteratorResult<Chunk, void>> {
    this.#side = 'source';
    return chunks.next();
  }

  /** The last line of defence against one file under two names that no comparison could tell. */
  async #checkNotEmptied(source: Source): Promise<void> {
    if (source.claimedBytes === undefined) return;
    this.#side = 'source';
    const currentBytes = await source.currentBytes();
    this.#side = 'destination';
    if (currentBytes !== 0) return;
    throw new CodexfsError('same_file', `is the same file as ${this.#from.shown}: opening it for writing emptied both`);
  }
}

/**
 * Copies a file within the server that holds both paths, by the server's own means.
 * @throws {TransferError}
 */
export async function copyWithinServer(from: Endpoint, to: Endpoint, options: CopyOptions = {}): Promise<CopyResult> {
  const { signal } = options;
  const { fileSystem } = from;
  let side: 'source' | 'destination' = 'source';
  try {
    // A link is copied as a link by some servers, so the copy is of what it leads to.
    const path = await fileSystem.canonicalize(from.path, { signal });
    const { sizeBytes } = await fileSystem.stat(path, { signal });
    options.onStart?.(sizeBytes);
    side = 'destination';
    await fileSystem.copyWithin?.(path, to.path, { signal });
    const copied = (await fileSystem.stat(to.path, { signal })).sizeBytes ?? sizeBytes ?? 0;
    options.onProgress?.(copied);
    side = 'source';
    if (sizeBytes !== undefined && copied !== sizeBytes) {
      throw new CodexfsError(
        'source_changed',
        `changed while it was copied: ${sizeBytes} bytes before, ${copied} copied`,
      );
    }
    return { bytes: copied };
  } catch (cause) {
    if (!(cause instanceof CodexfsError)) throw cause;
    throw new TransferError({
      from: from.shown,
      to: to.shown,
      side,
      partial: await leftBehind(to, side, cause),
      cause,
    });
  }
}

async function leftBehind(to: Endpoint, side: string, cause: CodexfsError): Promise<PartialFile | undefined> {
  if (side === 'source' || hasCode(cause, 'not_found', 'permission_denied', 'is_directory', 'unsupported'))
    return undefined;
  const info = await to.fileSystem.stat(to.path, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  if (info?.sizeBytes === undefined) return undefined;
  return { shown: to.shown, state: 'unknown', bytes: info.sizeBytes, totalBytes: undefined };
}

// Copies a file within the server that holds both paths, by the server's own means, and checks what came of it.

import { CodexfsError } from '../errors.js';
import type { FileInfo } from '../fs/FileSystem.js';
import type { CopyOptions, CopyResult } from './copyFile.js';
import { type Endpoint, type PartialFile, TransferError } from './Endpoint.js';
import { foreseen, isAnswerLost } from './failure.js';
import { checkIsFile } from './plan.js';
import { samenessOf } from './sameFile.js';
import { abortable } from './settle.js';
import { statIfThere } from './statIfThere.js';
import { checkSha256, hashOf } from './verification.js';

/** Milliseconds for a last look at what a failed copy left. */
const lastLookMs = 1_000;

/**
 * Copies `from` to `to`, both on one server.
 * @throws {TransferError} `unsupported`, with nothing touched, where the server cannot, or where both may be one file
 */
export async function copyWithinServer(from: Endpoint, to: Endpoint, options: CopyOptions = {}): Promise<CopyResult> {
  const copy = new ServerCopy(from, to, options);
  try {
    return await copy.run();
  } catch (error) {
    throw await copy.failure(error);
  }
}

class ServerCopy {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #options: CopyOptions;
  #side: 'source' | 'destination' = 'source';
  #sourceBytes: number | undefined;
  /** What stood at the destination before; undefined until the server was asked to copy. */
  #before: { readonly info: FileInfo | undefined } | undefined;

  constructor(from: Endpoint, to: Endpoint, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async run(): Promise<CopyResult> {
    const { signal, onStart, onProgress } = this.#options;
    const { fileSystem } = this.#from;
    // A link is copied as a link by some servers, so the copy is of what it leads to.
    const path = await fileSystem.canonicalize(this.#from.path, { signal });
    const source = await checkIsFile({ ...this.#from, path }, { signal });
    this.#sourceBytes = source.sizeBytes;
    await this.#refuseSameFile(source);
    onStart?.(source.sizeBytes, 0);
    this.#side = 'destination';
    this.#before = { info: await this.#existing(signal) };
    if (fileSystem.copyWithin === undefined) throw unsupported();
    await fileSystem.copyWithin(path, this.#to.path, { signal });
    const copied = await fileSystem.stat(this.#to.path, { signal });
    const bytes = copied.sizeBytes ?? source.sizeBytes ?? 0;
    onProgress?.(bytes);
    this.#side = 'source';
    this.#checkUnchanged(source, await fileSystem.stat(path, { signal }), bytes);
    const { isVerified, whenThereIsRoom = (work) => work() } = this.#options;
    if (isVerified) await whenThereIsRoom(() => this.#verify({ ...this.#from, path }));
    return { bytes };
  }

  /** Both are read, unlike for the copy. */
  async #verify(from: Endpoint): Promise<void> {
    this.#side = 'source';
    const expected = await hashOf(from, this.#options);
    this.#side = 'destination';
    await checkSha256(this.#to, expected, this.#options);
  }

  /** The failure with what it left behind. */
  async failure(error: unknown): Promise<unknown> {
    const cause = foreseen(error, this.#options.signal);
    if (cause === undefined) return error;
    const partial = await this.#leftBehind(cause);
    return new TransferError({ from: this.#from.shown, to: this.#to.shown, side: this.#side, partial, cause });
  }

  /** Released servers open the destination before they look at the source, and empty a file that is copied onto itself. */
  async #refuseSameFile(source: FileInfo): Promise<void> {
    const sameness = await samenessOf(this.#from, this.#to, source, this.#options);
    if (sameness === 'same') throw new CodexfsError('same_file', `is the same file as ${this.#to.shown}`);
    if (sameness === 'unproven') throw unsupported();
  }

  #checkUnchanged(before: FileInfo, after: FileInfo, copiedBytes: number): void {
    const isSame = before.sizeBytes === after.sizeBytes && before.modifiedAtMs === after.modifiedAtMs;
    if (isSame && copiedBytes === (before.sizeBytes ?? copiedBytes)) return;
    const sizes = `${before.sizeBytes ?? 'unknown'} bytes before, ${copiedBytes} copied`;
    throw new CodexfsError('source_changed', `changed while it was copied: ${sizes}`, { hint: 'copy it again' });
  }

  #existing(signal: AbortSignal | undefined): Promise<FileInfo | undefined> {
    return statIfThere(this.#to, { signal }, 'not_directory');
  }

  async #leftBehind(cause: CodexfsError): Promise<PartialFile | undefined> {
    if (this.#before === undefined) return undefined;
    const facts = { shown: this.#to.shown, state: 'unknown', totalBytes: this.#sourceBytes } as const;
    const isOver = !isAnswerLost(cause);
    const signal = AbortSignal.timeout(lastLookMs);
    const after = await abortable(this.#existing(signal), signal).catch(() => 'unknown' as const);
    if (isOver && after !== 'unknown' && isUntouched(this.#before.info, after)) return undefined;
    const seenBytes = after === 'unknown' ? 0 : (after?.sizeBytes ?? 0);
    // A server that was not heard out goes on copying.
    return { ...facts, bytes: isOver ? seenBytes : Math.max(seenBytes, this.#sourceBytes ?? 0) };
  }
}

function isUntouched(before: FileInfo | undefined, after: FileInfo | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before.sizeBytes === after.sizeBytes && before.modifiedAtMs === after.modifiedAtMs;
}

function unsupported(): CodexfsError {
  return new CodexfsError('unsupported', 'the server cannot copy this file by itself');
}

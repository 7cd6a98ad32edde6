// The writing end of a copy: opened late, written in order, and able to say what it holds when the copy did not end well.

import { debug } from '../debug.js';
import { asError, CodexfsError, hasCode } from '../errors.js';
import type { WriteHandle } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint, PartialFile } from './Endpoint.js';
import { abortable, settleWithin } from './settle.js';
import { Window } from './Window.js';
import { WriteBehind } from './writeBehind.js';

export interface DestinationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly windowBytes?: number | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

const trace = debug('transfer');

export class Destination {
  readonly #to: Endpoint;
  readonly #options: DestinationOptions;
  readonly #handle: WriteHandle;
  readonly #writes: WriteBehind;
  #isClosing = false;

  /** Creates or truncates `to`. The caller ends with `finish`, or with `leave` when something went wrong. */
  static async open(to: Endpoint, sizeBytes: number | undefined, options: DestinationOptions): Promise<Destination> {
    const handle = await to.fileSystem.openWrite(to.path, { signal: options.signal, sizeBytes });
    trace?.(() => `opened ${to.shown} to write ${sizeBytes ?? 'an unknown number of'} bytes`);
    return new Destination(to, handle, options);
  }

  private constructor(to: Endpoint, handle: WriteHandle, options: DestinationOptions) {
    this.#to = to;
    this.#handle = handle;
    this.#options = options;
    const maxBytes = options.windowBytes ?? limits.windowBytes;
    this.#writes = new WriteBehind(handle, new Window({ maxBytes, maxChunkBytes: handle.maxChunkBytes }), {
      onAcknowledged: options.onProgress,
      signal: options.signal,
    });
  }

  /** Sends `bytes`; resolves when there is room for more. */
  write(bytes: Buffer): Promise<void> {
    return this.#writes.write(bytes);
  }

  /** Waits until everything is in the file and closes it; returns its bytes. */
  async finish(): Promise<number> {
    await this.#writes.finish();
    this.#isClosing = true;
    await abortable(this.#handle.close(), this.#options.signal);
    return this.#writes.acknowledgedBytes;
  }

  /** @throws {CodexfsError} `size_mismatch`, when the file has not exactly `bytes` bytes */
  async checkSize(bytes: number): Promise<void> {
    const { sizeBytes } = await this.#to.fileSystem.stat(this.#to.path, { signal: this.#options.signal });
    if (sizeBytes === undefined || sizeBytes === bytes) return;
    throw new CodexfsError('size_mismatch', `has ${sizeBytes} bytes after ${bytes} were written to it`);
  }

  /** Settles what is in flight, closes the file, and says what it holds after `error`. Never rejects. */
  async leave(error: CodexfsError, totalBytes: number | undefined): Promise<PartialFile> {
    const isSettled = await settleWithin(this.#settle(), limits.cancelSettleMs);
    const facts = { shown: this.#to.shown, totalBytes };
    if (!this.#handle.isDestinationTouched) return { ...facts, state: 'intact', bytes: 0 };
    const { acknowledgedBytes, sentBytes } = this.#writes;
    // Whether a close took effect whose answer never came, nobody can say.
    const isAnswerLost = this.#isClosing && hasCode(error, 'connection_closed', 'timeout', 'protocol_violation');
    const actual = isSettled && !isAnswerLost ? await this.#actualBytes() : undefined;
    if (actual !== undefined) return { ...facts, state: 'partial', bytes: actual };
    const isKnown = isSettled && !isAnswerLost && acknowledgedBytes === sentBytes;
    return { ...facts, state: isKnown ? 'partial' : 'unknown', bytes: sentBytes };
  }

  async #settle(): Promise<void> {
    await this.#writes.settle();
    await this.#handle[Symbol.asyncDispose]();
  }

  /** The file's own length, where it can still be asked. */
  async #actualBytes(): Promise<number | undefined> {
    try {
      const signal = AbortSignal.timeout(limits.cancelSettleMs / 2);
      return (await this.#to.fileSystem.stat(this.#to.path, { signal })).sizeBytes;
    } catch (error) {
      trace?.(() => `cannot ask for the length of ${this.#to.shown}: ${asError(error).message}`);
      return undefined;
    }
  }
}

// The writing end of a copy: opened late, written in order, and able to say what it holds when the copy did not end well.

import { debug } from '../debug.js';
import { asError, CodexfsError } from '../errors.js';
import type { FileInfo, WriteHandle } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint, PartialFile } from './Endpoint.js';
import { isAnswerLost } from './failure.js';
import { abortable, settleWithin } from './settle.js';
import { type MaxBytes, Window } from './Window.js';
import { WriteBehind } from './writeBehind.js';

export interface DestinationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly windowBytes?: MaxBytes | undefined;
  /** The most bytes that one write carries. */
  readonly chunkBytes?: number | undefined;
  /** Permission bits of a file that is created; 0666 less the umask by default. */
  readonly createMode?: number | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Of what a cancelled copy has for its clean-up, the parts for what is in flight and for asking what is there then. */
const settleMs = limits.cancelSettleMs * 0.6;
const lastLookMs = limits.cancelSettleMs * 0.3;

const trace = debug('transfer');

type State =
  | { readonly phase: 'unopened' }
  | { readonly phase: 'opening'; readonly failure?: unknown }
  | { readonly phase: 'open' | 'closed'; readonly handle: WriteHandle; readonly writes: WriteBehind }
  | {
      readonly phase: 'closing';
      readonly handle: WriteHandle;
      readonly writes: WriteBehind;
      readonly closing: Promise<void>;
    };

export class Destination {
  readonly #to: Endpoint;
  readonly #options: DestinationOptions;
  #state: State = { phase: 'unopened' };
  /** Bytes of the source that the file held when it was opened. */
  #presentBytes = 0;
  /** What the file's size was when all was written: asked for together with the closing. */
  #writtenSize: Promise<number | undefined> | undefined;

  constructor(to: Endpoint, options: DestinationOptions) {
    this.#to = to;
    this.#options = options;
  }

  /**
   * Creates or truncates the file; with `presentBytes`, what is written goes behind so many bytes that it holds. The caller
   * ends with `finish`, or with `leave` when something went wrong, this included.
   */
  async open(sizeBytes: number | undefined, presentBytes = 0): Promise<void> {
    const { signal, windowBytes, chunkBytes = Infinity, onProgress } = this.#options;
    signal?.throwIfAborted();
    this.#state = { phase: 'opening' };
    this.#presentBytes = presentBytes;
    const askedAt = performance.now();
    try {
      const handle = await this.#openHandle(sizeBytes);
      const roundTripMs = performance.now() - askedAt;
      const maxBytes = windowBytes ?? limits.windowBytes;
      const window = new Window({ maxBytes, maxChunkBytes: Math.min(handle.maxChunkBytes, chunkBytes), roundTripMs });
      const writes = new WriteBehind(handle, window, { onAcknowledged: onProgress, signal });
      this.#state = { phase: 'open', handle, writes };
    } catch (failure) {
      this.#state = { phase: 'opening', failure };
      throw failure;
    }
    trace?.(() => `opened ${this.#to.shown} to write ${sizeBytes ?? 'an unknown number of'} bytes`);
  }

  #openHandle(sizeBytes: number | undefined): Promise<WriteHandle> {
    const { fileSystem, path } = this.#to;
    const { signal, createMode } = this.#options;
    if (this.#presentBytes === 0) return fileSystem.openWrite(path, { signal, sizeBytes, createMode });
    if (fileSystem.openAppend === undefined) throw new Error('a file that cannot be appended to is to be continued');
    return fileSystem.openAppend(path, this.#presentBytes);
  }

  /** Sends `bytes`, which it takes over; resolves when there is room for more. */
  write(bytes: Buffer): Promise<void> {
    return this.#opened().writes.write(bytes);
  }

  /**
   * Waits until everything is in the file and closes it; returns its bytes, those included that it held. Whether it `willBeChecked`
   * by `checkSize`: what that asks for is asked for here where it saves a round trip.
   */
  async finish(willBeChecked: boolean): Promise<number> {
    const { handle, writes } = this.#opened();
    await writes.finish();
    const closing = handle.close();
    if (willBeChecked && handle.isWrittenThrough) this.#writtenSize = this.#size().catch(() => undefined);
    this.#state = { phase: 'closing', handle, writes, closing };
    await abortable(closing, this.#options.signal);
    this.#state = { phase: 'closed', handle, writes };
    return this.#presentBytes + writes.acknowledgedBytes;
  }

  /** @throws {CodexfsError} `size_mismatch`, when the file has not exactly `bytes` bytes */
  async checkSize(bytes: number): Promise<void> {
    if ((await this.#writtenSize) === bytes) return;
    const sizeBytes = await this.#size();
    if (sizeBytes === undefined || sizeBytes === bytes) return;
    throw new CodexfsError('size_mismatch', `has ${sizeBytes} bytes after ${bytes} were written to it`);
  }

  /** Settles what is in flight, closes the file, and says what it holds; undefined if it was never opened. Never rejects. */
  async leave(totalBytes: number | undefined): Promise<PartialFile | undefined> {
    const facts = { shown: this.#to.shown, totalBytes };
    const state = this.#state;
    if (state.phase === 'unopened') return undefined;
    if (state.phase === 'opening') {
      if (mayHaveHappened(state.failure)) return { ...facts, state: 'unknown', bytes: this.#presentBytes };
      return (await this.#isEmptyFile()) ? { ...facts, state: 'partial', bytes: 0 } : undefined;
    }
    const { handle, writes } = state;
    const isSettled = await settleWithin(settle(state), settleMs);
    if (!handle.isDestinationTouched) return { ...facts, state: 'intact', bytes: 0 };
    const acknowledgedBytes = this.#presentBytes + writes.acknowledgedBytes;
    const sentBytes = this.#presentBytes + writes.sentBytes;
    const closeFailure = isSettled && state.phase === 'closing' ? await failureOf(state.closing) : undefined;
    // Whether a close took effect whose answer never came, nobody can say.
    const canTell = isSettled && !mayHaveHappened(closeFailure);
    const actual = canTell ? await this.#actualBytes() : undefined;
    const isWithin = actual !== undefined && actual >= acknowledgedBytes && actual <= sentBytes;
    if (isWithin && (actual === acknowledgedBytes || canOnlyBeShort(handle, writes))) {
      return { ...facts, state: 'partial', bytes: actual };
    }
    const isKnown = canTell && actual === undefined && closeFailure === undefined && acknowledgedBytes === sentBytes;
    return { ...facts, state: isKnown ? 'partial' : 'unknown', bytes: Math.max(sentBytes, actual ?? 0) };
  }

  async #size(): Promise<number | undefined> {
    return (await this.#to.fileSystem.stat(this.#to.path, { signal: this.#options.signal })).sizeBytes;
  }

  #opened(): Extract<State, { handle: WriteHandle }> {
    const state = this.#state;
    if ('handle' in state) return state;
    throw new Error('the destination is not open');
  }

  /** An opening that failed may have made the file, or emptied it, before. */
  async #isEmptyFile(): Promise<boolean> {
    const info = await this.#lastLook();
    return info?.kind === 'file' && info.sizeBytes === 0;
  }

  /** The file's own length, where it can still be asked. */
  async #actualBytes(): Promise<number | undefined> {
    return (await this.#lastLook())?.sizeBytes;
  }

  async #lastLook(): Promise<FileInfo | undefined> {
    try {
      const signal = AbortSignal.timeout(lastLookMs);
      return await abortable(this.#to.fileSystem.stat(this.#to.path, { signal }), signal);
    } catch (error) {
      trace?.(() => `cannot look at ${this.#to.shown}: ${asError(error).message}`);
      return undefined;
    }
  }
}

/** Whether the file is a beginning of what was sent whatever its length: nothing of a later write stands behind a failed one. */
function canOnlyBeShort(handle: WriteHandle, writes: WriteBehind): boolean {
  return handle.stopsAtFailure === true || writes.unconfirmedCount <= 1;
}

async function settle({ handle, writes }: { handle: WriteHandle; writes: WriteBehind }): Promise<void> {
  await writes.settle();
  await handle[Symbol.asyncDispose]();
}

/** An error that is none of the family says nothing of what it is about. */
function mayHaveHappened(error: unknown): boolean {
  return error !== undefined && (!(error instanceof CodexfsError) || isAnswerLost(error));
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

// Copies one regular file: read pipeline in, write pipeline out, checks before and after. It returns only when the
// destination's bytes are the source's; every other way out says what the destination holds.

import { CodexfsError } from '../errors.js';
import type { SeenFile } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { BytesInFlight } from './BytesInFlight.js';
import { Destination } from './Destination.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { foreseen } from './failure.js';
import { presentPrefix, type RestartReason } from './prefix.js';
import type { RateLimit } from './RateLimit.js';
import { Source, type WantedRange } from './Source.js';
import { haveSameContent } from './sameContent.js';
import { samenessOf } from './sameFile.js';
import type { Trail } from './Trail.js';
import { asVerified, checkSha256, hashOf } from './verification.js';
import { halfOf, type MaxBytes } from './Window.js';

/** How one file is copied, and who hears of it. */
export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears the source's size where it is known, before any byte moved, and how much of it the destination holds already. */
  readonly onStart?: ((totalBytes: number | undefined, presentBytes: number) => void) | undefined;
  /** Hears of every chunk that the destination has acknowledged, with its length. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** The most bytes in flight, or who says how many that are now. Default `limits.windowBytes`. */
  readonly windowBytes?: MaxBytes | undefined;
  /** The most bytes of one request. Default: what both ends take. */
  readonly chunkBytes?: number | undefined;
  /** Shared by all copies that keep to it together. */
  readonly rateLimit?: RateLimit | undefined;
  /** Permission bits of a destination that is created; 0666 less the umask by default. */
  readonly createMode?: number | undefined;
  /** Whether both are read again after the copy and their SHA-256 compared; a stream's is of the bytes that it gave. */
  readonly isVerified?: boolean | undefined;
  /** Whether a destination that is a beginning of the source is completed. Anything else is written from its start. */
  readonly isContinued?: boolean | undefined;
  /** What of the source becomes the whole destination. Not together with `isContinued`. */
  readonly range?: WantedRange | undefined;
  /** What the source was seen to be, which says how to ask for it and nothing else: a small one is read without a look at it. */
  readonly seen?: SeenFile | undefined;
  /** Whether nothing is at the destination: its directory was made just now, or it was looked for. */
  readonly isDestinationNew?: boolean | undefined;
  /** Waits until there is room for one more file that holds handles, and does `work` with it. */
  readonly whenThereIsRoom?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
  /** Shared by all copies of files without handles that together keep to so many bytes. */
  readonly wholeFiles?: BytesInFlight | undefined;
  /** Hears why a destination that should have been continued is written from its start. */
  readonly onRestart?: ((reason: RestartReason) => void) | undefined;
  /** What earlier attempts of the same copy left, and where this one leaves its own. */
  readonly trail?: Trail | undefined;
}

/** What a copy came to. */
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
    throw await copy.failure(error);
  }
}

/** One copy: what both its success and its failure need to know. */
class FileCopy {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #options: CopyOptions;
  readonly #destination: Destination;
  #source: Source | undefined;
  /** Bytes that the destination will have, where that is known. */
  #wantedBytes: number | undefined;
  /** Which end is being worked with, and so is to blame for an error. */
  #side: 'source' | 'destination' = 'source';

  constructor(from: Endpoint, to: Endpoint, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    // Reads and writes each have a window; together they keep to the one bound.
    const { windowBytes = limits.windowBytes } = options;
    this.#options = { ...options, windowBytes: halfOf(windowBytes) };
    this.#destination = new Destination(to, this.#options);
  }

  async run(): Promise<CopyResult> {
    const source = await Source.open(this.#from, this.#options);
    this.#source = source;
    this.#options.trail?.begin(source.opened);
    const result = await this.#move(source);
    await source.finish();
    return result;
  }

  /** The failure with what it left behind. Both ends are cleaned up at a time, for ^C waits for the longer of the two. */
  async failure(error: unknown): Promise<unknown> {
    const [left] = await Promise.all([
      this.#destination.leave(this.#wantedBytes),
      this.#source?.[Symbol.asyncDispose](),
    ]);
    const cause = foreseen(error, this.#options.signal);
    if (cause === undefined) return error;
    const partial = asVerified(left, cause);
    await this.#options.trail?.leave(this.#to, partial);
    return new TransferError({ from: this.#from.shown, to: this.#to.shown, side: this.#side, partial, cause });
  }

  /** The first chunk is read before the destination is opened, so that an unreadable source costs nothing. */
  async #move(source: Source): Promise<CopyResult> {
    const { range } = this.#options;
    const stretch = source.rangeOf(range);
    this.#wantedBytes = source.bytesIn(stretch);
    const presentBytes = range === undefined ? await this.#present(source) : 0;
    this.#options.onStart?.(this.#wantedBytes, presentBytes);
    const chunks = source.chunks({ ...stretch, start: stretch.start + presentBytes });
    const first = await chunks.next();
    // What came in one read is a state that the file had; several reads may mix two states, so they are checked.
    const isOneRead = presentBytes === 0 && (first.done === true || first.value.eof);
    // What comes next is on its way while the destination is looked at and opened.
    const second = ahead(chunks.next());
    this.#side = 'destination';
    const isNew = this.#options.isDestinationNew === true;
    const sameness = isNew ? 'different' : await samenessOf(this.#from, this.#to, source.opened, this.#options);
    if (sameness === 'same') throw this.#sameFile();
    if (presentBytes > 0 && presentBytes === this.#wantedBytes) return this.#checkPresent(source, presentBytes);
    if (sameness === 'unproven' && !isOneRead && (await this.#isThereAlready())) {
      if (range !== undefined) throw this.#sameFile();
      return this.#nothingToWrite(source);
    }
    await this.#destination.open(this.#wantedBytes, presentBytes);
    if (!isOneRead) await this.#checkNotEmptied(source);
    for (let chunk = first, next = second; chunk.done !== true; next = ahead(chunks.next())) {
      this.#side = 'destination';
      await this.#destination.write(chunk.value.bytes);
      this.#side = 'source';
      chunk = await next;
    }
    return this.#finish(source, isOneRead);
  }

  async #finish(source: Source, isOneRead: boolean): Promise<CopyResult> {
    this.#side = 'destination';
    const bytes = await this.#destination.finish(!isOneRead);
    // A size that was claimed and not found still asks for a second look.
    if (!isOneRead || bytes !== (this.#wantedBytes ?? bytes)) {
      await this.#destination.checkSize(bytes);
      this.#side = 'source';
      await source.checkUnchanged(bytes === this.#wantedBytes ? (source.claimedBytes ?? bytes) : bytes);
      this.#side = 'destination';
    }
    if (this.#options.isVerified) await this.#verify();
    return { bytes };
  }

  /** All of the source is in the destination, which need not be opened. */
  async #checkPresent(source: Source, bytes: number): Promise<CopyResult> {
    this.#side = 'source';
    await source.checkUnchanged(bytes);
    if (this.#options.isVerified) await this.#verify();
    return { bytes };
  }

  /** The source is read again too: what the way here did to its bytes, the bytes that came cannot show. */
  async #verify(): Promise<void> {
    // There is room for one handle of this file at each end.
    await this.#source?.[Symbol.asyncDispose]();
    this.#side = 'source';
    const { range } = this.#options;
    const expected = await hashOf(this.#from, this.#options, range);
    this.#side = 'destination';
    await checkSha256(this.#to, expected, this.#options);
  }

  /** Bytes of the source that the destination holds already. */
  async #present(source: Source): Promise<number> {
    const { trail, isContinued } = this.#options;
    if (!isContinued && !trail?.hasStep) return 0;
    const known = await trail?.presentBytes(source.opened, this.#to);
    if (known !== undefined) return known;
    const { bytes, restart } = await presentPrefix(source, this.#to, this.#options);
    if (restart !== undefined) this.#options.onRestart?.(restart);
    return bytes;
  }

  #sameFile(): CodexfsError {
    this.#side = 'source';
    return new CodexfsError('same_file', `is the same file as ${this.#to.shown}`);
  }

  /** If the two are one file after all, to open it for writing would lose what one read could not hold. */
  #isThereAlready(): Promise<boolean> {
    return haveSameContent(this.#from, this.#to, this.#options);
  }

  async #nothingToWrite(source: Source): Promise<CopyResult> {
    const bytes = (await source.currentBytes()) ?? 0;
    this.#options.onProgress?.(bytes);
    return { bytes };
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

/** `work` that is under way and will be waited for later, whatever becomes of it meanwhile. */
function ahead<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

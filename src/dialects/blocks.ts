// The `blocks` dialect: what released exec-servers stream with. `eof` means "shorter than asked" here, and writes are
// positional; an appending handle keeps the offset on this side.

import { hasCode } from '../errors.js';
import type {
  HandleInfo,
  OpenReadOptions,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadResult,
  WriteHandle,
} from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Params } from '../protocol/methods.js';
import type { Connection } from '../rpc/Connection.js';
import { checkAnswerLength, type Dialect, openOrAbandon } from './Dialect.js';
import { EarlyReads } from './EarlyReads.js';
import { WritesUnderWay } from './WritesUnderWay.js';

export class BlocksDialect implements Dialect {
  readonly name = 'blocks';
  readonly #connection: Connection;
  #nextHandle = 1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Facts are of the path and not of the handle, so they need not wait for it. */
  async openRead(path: string, { signal, isStatWanted, firstReads }: OpenReadOptions): Promise<ReadHandle> {
    const handleId = this.#newHandle();
    // Without a mode: servers before 0.162 know none, and reading is the default.
    const opening = this.#open({ handleId, path }, signal);
    const facts = isStatWanted ? factsOf(this.#connection, path) : undefined;
    facts?.catch(() => {});
    const read = (offset: number, maxBytes: number) => readOf(this.#connection, handleId, offset, maxBytes, { signal });
    const early = new EarlyReads(read, firstReads);
    await opening;
    return new BlocksReadHandle(this.#connection, { handleId, path, facts, early });
  }

  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    const handleId = this.#newHandle();
    await this.#open({ handleId, path, mode: 'replace' }, options.signal);
    return new BlocksWriteHandle(this.#connection, handleId);
  }

  #newHandle(): string {
    return `b${this.#nextHandle++}`;
  }

  async #open(params: Params<'fs/open'>, signal: AbortSignal | undefined): Promise<void> {
    const { handleId } = params;
    const open = () => this.#connection.request('fs/open', params);
    await openOrAbandon(open, () => this.#connection.request('fs/close', { handleId }), signal);
  }
}

interface OpenedBlocks {
  readonly handleId: string;
  readonly path: string;
  readonly facts: Promise<HandleInfo> | undefined;
  readonly early: EarlyReads;
}

class BlocksReadHandle implements ReadHandle {
  readonly maxChunkBytes = limits.blockReadBytes;
  readonly isStatOfPath = true;
  readonly #connection: Connection;
  readonly #handleId: string;
  readonly #path: string;
  /** What the first `stat` tells, where it was asked for with the opening. */
  #facts: Promise<HandleInfo> | undefined;
  readonly #early: EarlyReads;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, { handleId, path, facts, early }: OpenedBlocks) {
    this.#connection = connection;
    this.#handleId = handleId;
    this.#path = path;
    this.#facts = facts;
    this.#early = early;
  }

  async read(offset: number, maxBytes: number, options: OperationOptions = {}): Promise<ReadResult> {
    const ask = () => readOf(this.#connection, this.#handleId, offset, maxBytes, options);
    return (await this.#early.take(offset, maxBytes)) ?? ask();
  }

  /** There is no stat of a handle here, so this is of whatever the path leads to now. */
  stat(): Promise<HandleInfo> {
    const facts = this.#facts ?? factsOf(this.#connection, this.#path);
    this.#facts = undefined;
    return facts;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Servers of 0.142 close a read handle themselves once a read reported the end; closing it again is no failure. */
  async #close(): Promise<void> {
    try {
      await this.#connection.request('fs/close', { handleId: this.#handleId });
    } catch (error) {
      if (!hasCode(error, 'unknown_handle')) throw error;
    }
  }
}

async function readOf(
  connection: Connection,
  handleId: string,
  offset: number,
  len: number,
  options: OperationOptions,
): Promise<ReadResult> {
  const { chunk, eof } = await connection.request('fs/readBlock', { handleId, offset, len }, options);
  checkAnswerLength(chunk, len);
  return { bytes: chunk, eof };
}

async function factsOf(connection: Connection, path: string): Promise<HandleInfo> {
  const { size, modifiedAtMs } = await connection.request('fs/getMetadata', { path });
  return { sizeBytes: size ?? undefined, modifiedAtMs };
}

class BlocksWriteHandle implements WriteHandle {
  readonly maxChunkBytes = limits.blockBytes;
  readonly isDestinationTouched = true;
  readonly isWrittenThrough = true;
  readonly #connection: Connection;
  readonly #handleId: string;
  #offset = 0;
  readonly #writes = new WritesUnderWay();
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, handleId: string) {
    this.#connection = connection;
    this.#handleId = handleId;
  }

  async write(bytes: Buffer): Promise<void> {
    // The server refuses an empty block.
    if (bytes.length === 0) return;
    const offset = this.#offset;
    this.#offset += bytes.length;
    const params = { handleId: this.#handleId, offset, chunk: bytes };
    await this.#writes.add((mayRepeat) => this.#connection.request('fs/writeBlock', params, { mayRepeat }));
  }

  close(): Promise<void> {
    this.#closing ??= this.#writes.behind(async () => {
      await this.#connection.request('fs/close', { handleId: this.#handleId });
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

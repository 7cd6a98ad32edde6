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
import type { Connection } from '../rpc/Connection.js';
import { checkAnswerLength, type Dialect, openOrAbandon } from './Dialect.js';
import { WritesUnderWay } from './WritesUnderWay.js';

export class BlocksDialect implements Dialect {
  readonly name = 'blocks';
  readonly #connection: Connection;
  #nextHandle = 1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Facts are of the path and not of the handle, so they need not wait for it. */
  async openRead(path: string, { signal, isStatWanted }: OpenReadOptions): Promise<ReadHandle> {
    // Without a mode: servers before 0.162 know none, and reading is the default.
    const opening = this.#open({ path }, signal);
    const facts = isStatWanted ? factsOf(this.#connection, path) : undefined;
    facts?.catch(() => {});
    return new BlocksReadHandle(this.#connection, await opening, path, facts);
  }

  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    const handleId = await this.#open({ path, mode: 'replace' }, options.signal);
    return new BlocksWriteHandle(this.#connection, handleId);
  }

  async #open(params: { path: string; mode?: 'replace' }, signal: AbortSignal | undefined): Promise<string> {
    const handleId = `b${this.#nextHandle++}`;
    const open = () => this.#connection.request('fs/open', { handleId, ...params });
    await openOrAbandon(open, () => this.#connection.request('fs/close', { handleId }), signal);
    return handleId;
  }
}

class BlocksReadHandle implements ReadHandle {
  readonly maxChunkBytes = limits.blockReadBytes;
  readonly isStatOfPath = true;
  readonly #connection: Connection;
  readonly #handleId: string;
  readonly #path: string;
  /** What the first `stat` tells, where it was asked for with the opening. */
  #facts: Promise<HandleInfo> | undefined;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, handleId: string, path: string, facts: Promise<HandleInfo> | undefined) {
    this.#connection = connection;
    this.#handleId = handleId;
    this.#path = path;
    this.#facts = facts;
  }

  async read(offset: number, maxBytes: number, options: OperationOptions = {}): Promise<ReadResult> {
    const params = { handleId: this.#handleId, offset, len: maxBytes };
    const { chunk, eof } = await this.#connection.request('fs/readBlock', params, options);
    checkAnswerLength(chunk, maxBytes);
    return { bytes: chunk, eof };
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

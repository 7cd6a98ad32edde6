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
  /** Of handles, on their way: their answers may be waited for by nobody. */
  readonly #closings = new Set<Promise<void>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Facts are of the path and not of the handle, so they need not wait for it. */
  async openRead(path: string, { signal, isStatWanted }: OpenReadOptions): Promise<ReadHandle> {
    // Without a mode: servers before 0.162 know none, and reading is the default.
    const opening = this.#open({ path }, signal);
    const facts = isStatWanted ? factsOf(this.#connection, path) : undefined;
    facts?.catch(() => {});
    const handleId = await opening;
    return new BlocksReadHandle(this.#connection, { handleId, path, facts, close: () => this.#close(handleId) });
  }

  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    const handleId = await this.#open({ path, mode: 'replace' }, options.signal);
    return new BlocksWriteHandle(this.#connection, handleId);
  }

  /** A server that has no handle left may have one when what is being closed is closed. */
  async #open(params: { path: string; mode?: 'replace' }, signal: AbortSignal | undefined): Promise<string> {
    for (;;) {
      const handleId = `b${this.#nextHandle++}`;
      const open = () => this.#connection.request('fs/open', { handleId, ...params });
      const closings = [...this.#closings];
      try {
        await openOrAbandon(open, () => this.#connection.request('fs/close', { handleId }), signal);
        return handleId;
      } catch (error) {
        if (!hasCode(error, 'too_many_open_files') || closings.length === 0) throw error;
        await Promise.allSettled(closings);
      }
    }
  }

  async #close(handleId: string): Promise<void> {
    const closing = this.#requestClose(handleId);
    this.#closings.add(closing);
    try {
      await closing;
    } finally {
      this.#closings.delete(closing);
    }
  }

  /** Servers of 0.142 close a read handle themselves once a read reported the end; closing it again is no failure. */
  async #requestClose(handleId: string): Promise<void> {
    try {
      await this.#connection.request('fs/close', { handleId });
    } catch (error) {
      if (!hasCode(error, 'unknown_handle')) throw error;
    }
  }
}

/** What a handle for reading is made of. */
interface OpenedFile {
  readonly handleId: string;
  readonly path: string;
  /** What the first `stat` tells, where it was asked for with the opening. */
  readonly facts: Promise<HandleInfo> | undefined;
  close(): Promise<void>;
}

class BlocksReadHandle implements ReadHandle {
  readonly maxChunkBytes = limits.blockReadBytes;
  readonly isStatOfPath = true;
  readonly #connection: Connection;
  readonly #file: OpenedFile;
  #facts: Promise<HandleInfo> | undefined;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, file: OpenedFile) {
    this.#connection = connection;
    this.#file = file;
    this.#facts = file.facts;
  }

  async read(offset: number, maxBytes: number, options: OperationOptions = {}): Promise<ReadResult> {
    const params = { handleId: this.#file.handleId, offset, len: maxBytes };
    const { chunk, eof } = await this.#connection.request('fs/readBlock', params, options);
    checkAnswerLength(chunk, maxBytes);
    return { bytes: chunk, eof };
  }

  /** There is no stat of a handle here, so this is of whatever the path leads to now. */
  stat(): Promise<HandleInfo> {
    const facts = this.#facts ?? factsOf(this.#connection, this.#file.path);
    this.#facts = undefined;
    return facts;
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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

// The `handles` dialect: the streaming file API. Positional reads, appending writes, both pipelined by the caller.

import type {
  HandleInfo,
  OpenReadOptions,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadResult,
  WriteHandle,
} from '../fs/FileSystem.js';
import type { Connection } from '../rpc/Connection.js';
import { acceptedChunkBytes, checkAnswerLength, type Dialect, openOrAbandon } from './Dialect.js';
import { EarlyReads } from './EarlyReads.js';
import { WritesUnderWay } from './WritesUnderWay.js';

export class HandlesDialect implements Dialect {
  readonly name = 'handles';
  readonly #connection: Connection;
  #nextHandle = 1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async openRead(path: string, { signal, firstReads }: OpenReadOptions): Promise<ReadHandle> {
    const handleId = `r${this.#nextHandle++}`;
    const open = () => this.#connection.request('fs/readFile/open', { handleId, path });
    const closeLate = () => this.#connection.request('fs/readFile/close', { handleId });
    const opening = openOrAbandon(open, closeLate, signal);
    const read = (offset: number, maxBytes: number) => readOf(this.#connection, handleId, offset, maxBytes, { signal });
    const early = new EarlyReads(read, firstReads);
    const { maxChunkBytes } = await opening;
    return new HandlesReadHandle(this.#connection, handleId, acceptedChunkBytes(maxChunkBytes, closeLate), early);
  }

  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    const handleId = `w${this.#nextHandle++}`;
    const open = () => this.#connection.request('fs/writeFile/open', { handleId, path });
    const closeLate = () => this.#connection.request('fs/writeFile/close', { handleId });
    const { maxChunkBytes } = await openOrAbandon(open, closeLate, options.signal);
    return new HandlesWriteHandle(this.#connection, handleId, acceptedChunkBytes(maxChunkBytes, closeLate));
  }
}

class HandlesReadHandle implements ReadHandle {
  readonly maxChunkBytes: number;
  readonly #connection: Connection;
  readonly #handleId: string;
  readonly #early: EarlyReads;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, handleId: string, maxChunkBytes: number, early: EarlyReads) {
    this.#connection = connection;
    this.#handleId = handleId;
    this.maxChunkBytes = maxChunkBytes;
    this.#early = early;
  }

  async read(offset: number, maxBytes: number, options: OperationOptions = {}): Promise<ReadResult> {
    const ask = () => readOf(this.#connection, this.#handleId, offset, maxBytes, options);
    return (await this.#early.take(offset, maxBytes)) ?? ask();
  }

  async stat(): Promise<HandleInfo> {
    return this.#connection.request('fs/readFile/stat', { handleId: this.#handleId });
  }

  close(): Promise<void> {
    const request = { handleId: this.#handleId };
    this.#closing ??= this.#connection.request('fs/readFile/close', request).then(() => {});
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function readOf(
  connection: Connection,
  handleId: string,
  offset: number,
  maxBytes: number,
  options: OperationOptions,
): Promise<ReadResult> {
  const { dataBase64, eof } = await connection.request('fs/readFile/read', { handleId, offset, maxBytes }, options);
  checkAnswerLength(dataBase64, maxBytes);
  return { bytes: dataBase64, eof };
}

class HandlesWriteHandle implements WriteHandle {
  readonly maxChunkBytes: number;
  readonly isDestinationTouched = true;
  readonly isWrittenThrough = true;
  readonly #connection: Connection;
  readonly #handleId: string;
  readonly #writes = new WritesUnderWay();
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, handleId: string, maxChunkBytes: number) {
    this.#connection = connection;
    this.#handleId = handleId;
    this.maxChunkBytes = maxChunkBytes;
  }

  async write(bytes: Buffer): Promise<void> {
    const params = { handleId: this.#handleId, dataBase64: bytes };
    await this.#writes.add((mayRepeat) => this.#connection.request('fs/writeFile/write', params, { mayRepeat }));
  }

  close(): Promise<void> {
    this.#closing ??= this.#writes.behind(async () => {
      await this.#connection.request('fs/writeFile/close', { handleId: this.#handleId });
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// The `handles` dialect: the streaming file API. Positional reads, appending writes, both pipelined by the caller.

import type {
  HandleInfo,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadResult,
  WriteHandle,
} from '../fs/FileSystem.js';
import type { Connection } from '../rpc/Connection.js';
import { acceptedChunkBytes, checkAnswerLength, type Dialect, openOrAbandon } from './Dialect.js';
import { WritesUnderWay } from './WritesUnderWay.js';

export class HandlesDialect implements Dialect {
  readonly name = 'handles';
  readonly #connection: Connection;
  #nextHandle = 1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async openRead(path: string, options: OperationOptions): Promise<ReadHandle> {
    const handleId = `r${this.#nextHandle++}`;
    const open = () => this.#connection.request('fs/readFile/open', { handleId, path });
    const closeLate = () => this.#connection.request('fs/readFile/close', { handleId });
    const { maxChunkBytes } = await openOrAbandon(open, closeLate, options.signal);
    return new HandlesReadHandle(this.#connection, handleId, acceptedChunkBytes(maxChunkBytes, closeLate));
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
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, handleId: string, maxChunkBytes: number) {
    this.#connection = connection;
    this.#handleId = handleId;
    this.maxChunkBytes = maxChunkBytes;
  }

  async read(offset: number, maxBytes: number, options: OperationOptions = {}): Promise<ReadResult> {
    const params = { handleId: this.#handleId, offset, maxBytes };
    const { dataBase64, eof } = await this.#connection.request('fs/readFile/read', params, options);
    checkAnswerLength(dataBase64, maxBytes);
    return { bytes: dataBase64, eof };
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

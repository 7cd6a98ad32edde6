// The `buffered` dialect: a whole file in one message, for servers that have nothing else. Handles over memory, bounded.

import { CodexfsError, hasCode } from '../errors.js';
import type {
  HandleInfo,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadResult,
  ReadWholeOptions,
  SeenFile,
  WholeFile,
  WriteHandle,
} from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Connection } from '../rpc/Connection.js';
import { type Dialect, isUnknownMethod } from './Dialect.js';

const MiB = 1024 * 1024;

export class BufferedDialect implements Dialect {
  readonly name = 'buffered';
  readonly #connection: Connection;
  readonly #beyond: Dialect | undefined;

  /** `beyond` is for what is too large for one message, or may be; what it does not support is tried here all the same. */
  constructor(connection: Connection, beyond?: Dialect) {
    this.#connection = connection;
    this.#beyond = beyond;
  }

  async openRead(path: string, options: OperationOptions): Promise<ReadHandle> {
    const { size, modifiedAtMs } = await this.#connection.request('fs/getMetadata', { path }, options);
    if ((size ?? Infinity) > limits.bufferedComfortBytes) {
      const handle = await ifSupported(this.#beyond?.openRead(path, options));
      if (handle !== undefined) return handle;
    }
    if (size !== null && size !== undefined && size > limits.bufferedClientReadBytes) {
      throw tooLarge('read', size, limits.bufferedClientReadBytes);
    }
    const dataBase64 = await this.#content(path, options);
    return new BufferedReadHandle(this.#connection, path, dataBase64, { sizeBytes: dataBase64.length, modifiedAtMs });
  }

  /** See `FileSystem.readWhole`. A file that claims to be empty may be one of /proc, and is left to those who read to the end. */
  async readWhole(path: string, maxBytes: number, options: ReadWholeOptions): Promise<WholeFile | undefined> {
    const { sizeBytes, modifiedAtMs } = options.seen ?? (await this.#look(path, options));
    if (sizeBytes === 0 || sizeBytes > maxBytes) return undefined;
    await options.beforeContent?.(sizeBytes);
    const { dataBase64: bytes } = await this.#connection.request('fs/readFile', { path }, options);
    return bytes.length === sizeBytes ? { bytes, modifiedAtMs } : undefined;
  }

  /** What is no file, or says no size, counts as empty. */
  async #look(path: string, options: OperationOptions): Promise<SeenFile> {
    const { isFile, size, modifiedAtMs } = await this.#connection.request('fs/getMetadata', { path }, options);
    return { sizeBytes: isFile ? (size ?? 0) : 0, modifiedAtMs };
  }

  /** See `FileSystem.writeWhole`. */
  async writeWhole(path: string, bytes: Buffer): Promise<void> {
    await this.#connection.request('fs/writeFile', { path, dataBase64: bytes });
  }

  /** Creates nothing yet: a file that fits is written by `close`, in one request. */
  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    const { sizeBytes = Infinity } = options;
    if (sizeBytes > limits.bufferedClientWriteBytes) {
      const handle = await ifSupported(this.#beyond?.openWrite(path, options));
      if (handle !== undefined) return handle;
    }
    if (options.sizeBytes !== undefined && options.sizeBytes > limits.bufferedClientWriteBytes) {
      throw tooLarge('write', options.sizeBytes, limits.bufferedClientWriteBytes);
    }
    return new BufferedWriteHandle(this.#connection, path);
  }

  /** Where no size is told, only the answer shows that a file is too large, and costs the connection. */
  async #content(path: string, options: OperationOptions): Promise<Buffer> {
    try {
      const maxAnswerBytes = limits.largestAnswerBytes;
      return (await this.#connection.request('fs/readFile', { path }, { ...options, maxAnswerBytes })).dataBase64;
    } catch (error) {
      if (hasCode(error, 'connection_closed') && hasCode(error.cause, 'limit_exceeded')) {
        throw tooLarge('read', undefined, limits.bufferedClientReadBytes);
      }
      throw error;
    }
  }
}

class BufferedReadHandle implements ReadHandle {
  readonly maxChunkBytes = limits.maxChunkBytes;
  readonly #connection: Connection;
  readonly #path: string;
  readonly #content: Buffer;
  readonly #opened: HandleInfo;
  #isFirstStat = true;

  constructor(connection: Connection, path: string, content: Buffer, opened: HandleInfo) {
    this.#connection = connection;
    this.#path = path;
    this.#content = content;
    this.#opened = opened;
  }

  async read(offset: number, maxBytes: number): Promise<ReadResult> {
    // A copy: whoever gets it may give its memory back while the rest of the content is still to be read.
    const bytes = Buffer.from(this.#content.subarray(offset, offset + maxBytes));
    return { bytes, eof: offset + bytes.length >= this.#content.length };
  }

  /** The first answer is of the moment of the open, the later ones of the path as it is now. */
  async stat(): Promise<HandleInfo> {
    if (this.#isFirstStat) {
      this.#isFirstStat = false;
      return this.#opened;
    }
    const { size, modifiedAtMs } = await this.#connection.request('fs/getMetadata', { path: this.#path });
    return { sizeBytes: size ?? this.#content.length, modifiedAtMs };
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

class BufferedWriteHandle implements WriteHandle {
  readonly maxChunkBytes = limits.maxChunkBytes;
  readonly #connection: Connection;
  readonly #path: string;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(connection: Connection, path: string) {
    this.#connection = connection;
    this.#path = path;
  }

  get isDestinationTouched(): boolean {
    return this.#closing !== undefined;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#sizeBytes += bytes.length;
    if (this.#sizeBytes > limits.bufferedClientWriteBytes) {
      this.#chunks = [];
      throw tooLarge('write', this.#sizeBytes, limits.bufferedClientWriteBytes);
    }
    // A copy: the caller may use the memory again when this resolves, and it is looked at only in `close`.
    this.#chunks.push(Buffer.from(bytes));
  }

  close(): Promise<void> {
    this.#closing ??= this.#send();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing;
  }

  async #send(): Promise<void> {
    if (this.#sizeBytes > limits.bufferedClientWriteBytes) {
      throw tooLarge('write', this.#sizeBytes, limits.bufferedClientWriteBytes);
    }
    await this.#connection.request('fs/writeFile', { path: this.#path, dataBase64: Buffer.concat(this.#chunks) });
    this.#chunks = [];
  }
}

async function ifSupported<Handle>(opening: Promise<Handle> | undefined): Promise<Handle | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (isUnknownMethod(error)) return undefined;
    throw error;
  }
}

function tooLarge(verb: 'read' | 'write', sizeBytes: number | undefined, limitBytes: number): CodexfsError {
  const inMiB = (bytes: number) => `${Math.ceil(bytes / MiB)} MiB`;
  const size = sizeBytes === undefined ? 'is larger' : `has ${inMiB(sizeBytes)}`;
  return new CodexfsError(
    'limit_exceeded',
    `this server can only ${verb} whole files of up to ${inMiB(limitBytes)} in one message, and this one ${size}`,
    { hint: 'a codex exec-server of 0.162 or later, or `codexfs serve`, streams files of any size' },
  );
}

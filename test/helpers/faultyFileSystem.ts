// A file system in memory that is as slow, short and faulty as a seed says: operations end in any order, reads give less
// than was asked, and the one that is told to fail fails.

import { CodexfsError, type ErrorCode } from '../../src/errors.js';
import type {
  DirectoryEntry,
  FileInfo,
  FileSystem,
  HandleInfo,
  ReadHandle,
  ReadResult,
  WriteHandle,
} from '../../src/fs/FileSystem.js';

export type OperationName = 'openRead' | 'openWrite' | 'read' | 'write' | 'close' | 'handleStat' | 'stat';

export interface Behaviour {
  readonly seed: number;
  readonly maxChunkBytes: number;
  /** Whether a read may give less than was asked for although more is there. */
  readonly shortReads: boolean;
  /** Whether the end is told by an empty read only, as some servers do. */
  readonly lateEof: boolean;
  /** Called before each operation, with how many of its name came before it: throws to make it fail, or changes the world. */
  before(operation: OperationName, count: number): void;
}

/** A file as it is on the simulated disk. */
export interface FaultyFile {
  content: Buffer;
  modifiedAtMs: number;
}

export class FaultyFileSystem implements FileSystem {
  readonly files = new Map<string, FaultyFile>();
  /** Handles that are open, and operations that have not ended. */
  openHandles = 0;
  running = 0;
  readonly #behaviour: Behaviour;
  readonly #counts = new Map<OperationName, number>();
  #state: number;

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#state = behaviour.seed | 1;
  }

  openRead(path: string): Promise<ReadHandle> {
    return this.operation('openRead', () => {
      const file = this.#file(path);
      this.openHandles++;
      return new FaultyReadHandle(this, file, this.#behaviour);
    });
  }

  openWrite(path: string): Promise<WriteHandle> {
    return this.operation('openWrite', () => {
      const file = { content: Buffer.alloc(0), modifiedAtMs: 7 };
      this.files.set(path, file);
      this.openHandles++;
      return new FaultyWriteHandle(this, file, this.#behaviour.maxChunkBytes);
    });
  }

  stat(path: string): Promise<FileInfo> {
    return this.operation('stat', () => {
      const { content, modifiedAtMs } = this.#file(path);
      const facts = { createdAtMs: 0, modifiedAtMs, mode: undefined, identity: undefined };
      return { kind: 'file', isSymlink: false, sizeBytes: content.length, ...facts };
    });
  }

  /** Runs `work` some turns of the loop later, unless it is told to fail. */
  async operation<T>(name: OperationName, work: () => T): Promise<T> {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    this.running++;
    try {
      for (let turns = this.random(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      this.#behaviour.before(name, count);
      return work();
    } finally {
      this.running--;
    }
  }

  /** A number from 0 up to but not including `bound`; the same row of numbers for the same seed. */
  random(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (this.#state >>> 8) % bound;
  }

  #file(path: string): FaultyFile {
    const file = this.files.get(path);
    if (file === undefined) throw new CodexfsError('not_found', 'no such file or directory');
    return file;
  }

  async list(): Promise<DirectoryEntry[]> {
    return [];
  }
  async makeDirectory(): Promise<void> {}
  async remove(): Promise<void> {}
  async canonicalize(path: string): Promise<string> {
    return path;
  }
  resolve(path: string): string {
    return path;
  }
  join(directory: string, name: string): string {
    return `${directory}/${name}`;
  }
  basename(path: string): string {
    return path;
  }
  dirname(): string {
    return '/';
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Closing counts once, also when it fails. */
abstract class FaultyHandle {
  readonly #fileSystem: FaultyFileSystem;
  #closing: Promise<void> | undefined;

  constructor(fileSystem: FaultyFileSystem) {
    this.#fileSystem = fileSystem;
  }

  close(): Promise<void> {
    this.#closing ??= this.settled().then(() => {
      this.#fileSystem.openHandles--;
      return this.#fileSystem.operation('close', () => {});
    });
    this.#closing.catch(() => {});
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected async settled(): Promise<void> {}
}

class FaultyReadHandle extends FaultyHandle implements ReadHandle {
  readonly maxChunkBytes: number;
  readonly #fileSystem: FaultyFileSystem;
  readonly #file: FaultyFile;
  readonly #behaviour: Behaviour;

  constructor(fileSystem: FaultyFileSystem, file: FaultyFile, behaviour: Behaviour) {
    super(fileSystem);
    this.#fileSystem = fileSystem;
    this.#file = file;
    this.#behaviour = behaviour;
    this.maxChunkBytes = behaviour.maxChunkBytes;
  }

  read(offset: number, maxBytes: number): Promise<ReadResult> {
    return this.#fileSystem.operation('read', () => {
      const { content } = this.#file;
      const there = content.subarray(offset, offset + maxBytes);
      const isShort = this.#behaviour.shortReads && there.length > 1 && this.#fileSystem.random(3) === 0;
      const bytes = Buffer.from(isShort ? there.subarray(0, 1 + this.#fileSystem.random(there.length - 1)) : there);
      const isEnd = offset + bytes.length >= content.length;
      return { bytes, eof: isEnd && (!this.#behaviour.lateEof || bytes.length < maxBytes) };
    });
  }

  stat(): Promise<HandleInfo> {
    return this.#fileSystem.operation('handleStat', () => {
      const { content, modifiedAtMs } = this.#file;
      return { sizeBytes: content.length, modifiedAtMs };
    });
  }
}

class FaultyWriteHandle extends FaultyHandle implements WriteHandle {
  readonly isDestinationTouched = true;
  readonly maxChunkBytes: number;
  readonly #fileSystem: FaultyFileSystem;
  readonly #file: FaultyFile;
  #last: Promise<void> = Promise.resolve();

  constructor(fileSystem: FaultyFileSystem, file: FaultyFile, maxChunkBytes: number) {
    super(fileSystem);
    this.#fileSystem = fileSystem;
    this.#file = file;
    this.maxChunkBytes = maxChunkBytes;
  }

  /** A write that fails may have written some of its bytes, and closes the file to those behind it. */
  write(bytes: Buffer): Promise<void> {
    const before = this.#last;
    const writing = (async () => {
      await before.catch(() => {
        throw new CodexfsError('unknown_handle', 'unknown file handle');
      });
      try {
        await this.#fileSystem.operation('write', () => this.#append(bytes));
      } catch (error) {
        this.#append(bytes.subarray(0, this.#fileSystem.random(bytes.length + 1)));
        throw error;
      }
    })();
    this.#last = writing;
    writing.catch(() => {});
    return writing;
  }

  protected override async settled(): Promise<void> {
    await this.#last.catch(() => {});
  }

  #append(bytes: Buffer): void {
    this.#file.content = Buffer.concat([this.#file.content, bytes]);
  }
}

/** A failure with `code`, for `Behaviour.before`. */
export function failure(code: ErrorCode): CodexfsError {
  return new CodexfsError(code, `the simulated ${code}`);
}

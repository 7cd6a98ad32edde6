// The handles of the simulated file system: positional reads with either meaning of `eof`, writes that take effect in the
// order in which they were made, and closes that count.

import { FileError } from '../../src/errors.js';
import type { HandleInfo, OperationOptions, ReadHandle, ReadResult, WriteHandle } from '../../src/fs/FileSystem.js';
import { takeChunk } from '../../src/protocol/chunkPool.js';
import type { SimulatedFile } from './simulatedDisk.js';
import type { SimulatedFileSystem } from './simulatedFileSystem.js';

const defaultChunkBytes = 1024;

export class SimulatedReadHandle implements ReadHandle {
  readonly maxChunkBytes: number;
  readonly #system: SimulatedFileSystem;
  readonly #path: string;
  readonly #file: SimulatedFile;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(system: SimulatedFileSystem, path: string, file: SimulatedFile) {
    this.#system = system;
    this.#path = path;
    this.#file = file;
    this.maxChunkBytes = system.behaviour.chunkBytes ?? defaultChunkBytes;
    system.openHandles++;
  }

  read(offset: number, maxBytes: number, options: OperationOptions = {}): Promise<ReadResult> {
    if (maxBytes < 1 || maxBytes > this.maxChunkBytes) throw new Error(`asked for ${maxBytes} bytes`);
    const { behaviour } = this.#system;
    return this.#system.call(
      'read',
      this.#path,
      (call) => {
        if (this.#isClosed) throw new FileError('unknown_handle', 'read', this.#path, 'unknown file handle');
        const found = this.#file.content.subarray(offset, offset + maxBytes);
        const answered = found.subarray(0, behaviour.shorten?.(call) ?? found.length);
        const isEnd = offset + answered.length >= this.#file.content.length;
        const eof = behaviour.eofStyle === 'byShortness' ? answered.length < maxBytes : isEnd;
        if (eof && behaviour.closesAtEof) this.#isClosed = true;
        const bytes = takeChunk(answered.length);
        answered.copy(bytes);
        return { bytes, eof };
      },
      { offset, length: maxBytes, signal: options.signal },
    );
  }

  stat(): Promise<HandleInfo> {
    return this.#system.call('statHandle', this.#path, () => {
      const { behaviour, disk } = this.#system;
      const file = behaviour.statsPath ? disk.file(this.#path) : this.#file;
      return { sizeBytes: this.#system.sizeOf(file), modifiedAtMs: file.modifiedAtMs };
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#system
      .call('closeRead', this.#path, () => {
        this.#isClosed = true;
      })
      .finally(() => {
        this.#system.openHandles--;
      });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export class SimulatedWriteHandle implements WriteHandle {
  readonly maxChunkBytes: number;
  readonly #system: SimulatedFileSystem;
  readonly #path: string;
  #target: SimulatedFile | undefined;
  #offset = 0;
  #held: Buffer[] = [];
  #isAbandoned = false;
  /** The last effect made; the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(system: SimulatedFileSystem, path: string, target: SimulatedFile | undefined) {
    this.#system = system;
    this.#path = path;
    this.#target = target;
    this.maxChunkBytes = system.behaviour.chunkBytes ?? defaultChunkBytes;
    system.openHandles++;
  }

  get stopsAtFailure(): boolean {
    return this.#system.behaviour.writes === 'stopping';
  }

  get isDestinationTouched(): boolean {
    return this.#target !== undefined || this.#closing !== undefined;
  }

  write(bytes: Buffer): Promise<void> {
    if (bytes.length > this.maxChunkBytes) throw new Error(`was given ${bytes.length} bytes`);
    const { behaviour, disk } = this.#system;
    const at = this.#offset;
    this.#offset += bytes.length;
    const before = this.#last;
    let effectDone: () => void = () => {};
    this.#last = new Promise<void>((resolve) => {
      effectDone = resolve;
    });
    const writing = this.#system.call(
      'write',
      this.#path,
      async () => {
        await before;
        if (this.stopsAtFailure && this.#hasFailed)
          throw new FileError('io_error', 'write', this.#path, 'failed before');
        // The bytes are looked at now and not when they were handed over, as the operating system does.
        if (this.#target === undefined) this.#held.push(Buffer.from(bytes));
        else disk.write(this.#target, behaviour.writes === 'positional' ? at : this.#target.content.length, bytes);
        if (!this.stopsAtFailure) effectDone();
      },
      { offset: at, length: bytes.length },
    );
    writing.then(effectDone, () => {
      this.#hasFailed = true;
      effectDone();
    });
    return writing;
  }

  close(): Promise<void> {
    this.#closing ??= this.#complete();
    return this.#closing;
  }

  async #complete(): Promise<void> {
    await this.#last;
    try {
      await this.#system.call('closeWrite', this.#path, () => this.#sendHeld());
    } finally {
      this.#system.openHandles--;
    }
  }

  #sendHeld(): void {
    if (this.#target !== undefined) return;
    this.#target = this.#system.disk.truncate(this.#path);
    this.#system.disk.write(this.#target, 0, Buffer.concat(this.#held));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isDestinationTouched) return this.close();
    if (!this.#isAbandoned) this.#system.openHandles--;
    this.#isAbandoned = true;
  }
}

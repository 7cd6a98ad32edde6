// Handles on this host's regular files. A read says truthfully whether more follows; writes append in call order.

import { readSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileError } from '../errors.js';
import { takeChunk } from '../protocol/chunkPool.js';
import { fileErrorFrom } from '../protocol/codes.js';
import { limits } from '../protocol/limits.js';
import type { FileIdentity, HandleInfo, PositionalWriteHandle, ReadHandle, ReadResult } from './FileSystem.js';
import { breatherIfDue } from './loopTurn.js';
import { QuickStorage } from './QuickStorage.js';

/**
 * After so many chunks whoever takes them gets a turn of the event loop. A window of them would pile up before the first
 * is sent: 1 GiB up took 117 MiB of memory instead of 70, and a fifth more of the processor.
 */
const readsInTurn = 16;

export class LocalReadHandle implements ReadHandle {
  readonly maxChunkBytes = limits.maxChunkBytes;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #storage = new QuickStorage();
  readonly #reads = new Set<Promise<ReadResult>>();
  #readsHere = 0;
  #closing: Promise<void> | undefined;

  /** Takes over `file`. */
  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  async read(offset: number, maxBytes: number): Promise<ReadResult> {
    if (this.#closing !== undefined) throw new FileError('io_error', 'read', this.#path, 'the file is closed');
    const reading = this.#readChunk(offset, maxBytes);
    this.#reads.add(reading);
    try {
      return await reading;
    } finally {
      this.#reads.delete(reading);
    }
  }

  /** Reads one byte more than asked, so that `eof` is known from the file itself and not from its size, which /proc and growing files do not keep. */
  async #readChunk(offset: number, maxBytes: number): Promise<ReadResult> {
    const buffer = takeChunk(maxBytes + 1);
    let filled = 0;
    try {
      while (filled < buffer.length) {
        const count = await this.#readOnce(buffer, filled, offset + filled);
        if (count === 0) return { bytes: buffer.subarray(0, filled), eof: true };
        filled += count;
      }
    } catch (cause) {
      throw fileErrorFrom(cause, 'read', this.#path);
    }
    return { bytes: buffer.subarray(0, maxBytes), eof: false };
  }

  async stat(): Promise<HandleInfo & { readonly createdAtMs: number }> {
    const stats = await this.#stats();
    return {
      sizeBytes: Number(stats.size),
      createdAtMs: Number(stats.birthtimeNs) / 1e6,
      modifiedAtMs: Number(stats.mtimeNs) / 1e6,
    };
  }

  async identity(): Promise<FileIdentity> {
    const stats = await this.#stats();
    return { device: stats.dev, inode: stats.ino };
  }

  close(): Promise<void> {
    // One read is several system calls, and FileHandle.close waits only for the one under way.
    this.#closing ??= Promise.allSettled(this.#reads).then(() => closeFile(this.#file, this.#path));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #readOnce(buffer: Buffer, at: number, position: number): Promise<number> {
    for (;;) {
      try {
        const length = buffer.length - at;
        if (!this.#storage.isQuick()) return (await this.#file.read(buffer, at, length, position)).bytesRead;
        if (++this.#readsHere % readsInTurn === 0) await nextTurn();
        return this.#storage.timed(() => readSync(this.#file.fd, buffer, at, length, position));
      } catch (cause) {
        // libuv retries an interrupted write itself but hands an interrupted read on.
        if ((cause as NodeJS.ErrnoException).code !== 'EINTR') throw cause;
      }
    }
  }

  async #stats() {
    try {
      return await this.#file.stat({ bigint: true });
    } catch (cause) {
      throw fileErrorFrom(cause, 'stat', this.#path);
    }
  }
}

export class LocalWriteHandle implements PositionalWriteHandle {
  readonly maxChunkBytes = limits.maxChunkBytes;
  readonly isDestinationTouched = true;
  readonly stopsAtFailure = true;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #storage = new QuickStorage();
  /** The last write made; the next one starts after it. Rejected once any write failed, so that none follows a hole. */
  #last: Promise<void> = Promise.resolve();
  #appendOffset: number;
  #closing: Promise<void> | undefined;

  /** Takes over `file`, which has `sizeBytes` bytes: what is written goes behind them. */
  constructor(file: FileHandle, path: string, sizeBytes = 0) {
    this.#file = file;
    this.#path = path;
    this.#appendOffset = sizeBytes;
  }

  write(bytes: Buffer): Promise<void> {
    return this.#enqueue(async () => {
      await this.#writeAll(this.#appendOffset, bytes);
      this.#appendOffset += bytes.length;
    });
  }

  writeAt(offset: number, bytes: Buffer): Promise<void> {
    return this.#enqueue(() => this.#writeAll(offset, bytes));
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.catch(() => {}).then(() => closeFile(this.#file, this.#path));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(work);
    this.#last = run;
    run.catch(() => {});
    return run;
  }

  /** A write may be short without an error (a full disk, a size limit): the rest is written again until an error says why. */
  async #writeAll(offset: number, bytes: Buffer): Promise<void> {
    let done = 0;
    try {
      while (done < bytes.length) {
        const count = await this.#writeOnce(bytes.subarray(done), offset + done);
        if (count === 0) throw new FileError('io_error', 'write', this.#path, 'nothing could be written');
        done += count;
      }
    } catch (cause) {
      throw fileErrorFrom(cause, 'write', this.#path);
    }
  }

  async #writeOnce(bytes: Buffer, position: number): Promise<number> {
    if (!this.#storage.isQuick()) return (await this.#file.write(bytes, 0, bytes.length, position)).bytesWritten;
    await breatherIfDue();
    return this.#storage.timed(() => writeSync(this.#file.fd, bytes, 0, bytes.length, position));
  }
}

async function closeFile(file: FileHandle, path: string): Promise<void> {
  try {
    await file.close();
  } catch (cause) {
    throw fileErrorFrom(cause, 'close', path);
  }
}

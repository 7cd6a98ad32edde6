// Small files of this host, opened, moved and closed in one go on this thread, while storage is quick.

import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, type Stats, writeSync } from 'node:fs';
import { takeChunk } from '../protocol/chunkPool.js';
import type { WholeFile } from './FileSystem.js';
import type { QuickStorage } from './QuickStorage.js';

// O_NONBLOCK: a FIFO would block a thread of the pool for ever, and with it the exit of the process.
export const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
// No O_TRUNC: what was opened is looked at first, and only a regular file is emptied.
export const appendFlags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
export const writeFlags = appendFlags | constants.O_CREAT;

export class WholeFiles {
  readonly #extraFlags: number;
  readonly #storage: QuickStorage;

  /** Whoever asks for a file has asked `storage` before. */
  constructor(storage: QuickStorage, extraFlags = 0) {
    this.#storage = storage;
    this.#extraFlags = extraFlags;
  }

  /** See `FileSystem.readWhole`. @throws {Error} of the system */
  read(path: string, maxBytes: number): WholeFile | undefined {
    return this.#storage.timed(() => {
      const file = openSync(path, readFlags | this.#extraFlags);
      try {
        const stats = fstatSync(file);
        if (!stats.isFile() || stats.size === 0 || stats.size > maxBytes) return undefined;
        return readAll(file, stats);
      } finally {
        closeSync(file);
      }
    });
  }

  /** See `FileSystem.writeWhole`. @throws {Error} of the system */
  write(path: string, bytes: Buffer, createMode = 0o666): boolean {
    return this.#storage.timed(() => {
      const file = openSync(path, writeFlags | this.#extraFlags, createMode);
      try {
        const stats = fstatSync(file);
        if (!stats.isFile()) return false;
        if (stats.size > 0) ftruncateSync(file, 0);
        writeAll(file, bytes);
        return true;
      } finally {
        closeSync(file);
      }
    });
  }
}

/** One byte more than the size is asked for, so that a file that grows is noticed. */
function readAll(file: number, { size, mtimeMs }: Stats): WholeFile | undefined {
  const bytes = takeChunk(size + 1);
  const count = readSync(file, bytes, 0, size + 1, 0);
  return count === size ? { bytes: bytes.subarray(0, size), modifiedAtMs: mtimeMs } : undefined;
}

/** A write may be short without an error (a full disk): the rest is written again until an error says why. */
function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, done);
}

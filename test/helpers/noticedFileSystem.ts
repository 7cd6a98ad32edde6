// A destination that keeps nothing and notices every path that was to be made or written, by the rules of any platform.

import { posix, win32 } from 'node:path';
import { FileError } from '../../src/errors.js';
import type { NamePlatform } from '../../src/fs/entryName.js';
import type { DirectoryEntry, FileInfo, FileSystem, ReadHandle, WriteHandle } from '../../src/fs/FileSystem.js';

export class NoticedFileSystem implements FileSystem {
  readonly namePlatform: NamePlatform;
  /** In the order in which they were asked for. */
  readonly noticed: string[] = [];
  readonly #rules: typeof posix;
  readonly #entries: readonly DirectoryEntry[];

  /** As a source it has one directory, of `entries`; every file in it is empty. */
  constructor(namePlatform: NamePlatform, entries: readonly DirectoryEntry[] = []) {
    this.namePlatform = namePlatform;
    this.#rules = namePlatform === 'win32' ? win32 : posix;
    this.#entries = entries;
  }

  async openRead(): Promise<ReadHandle> {
    return {
      maxChunkBytes: 1024,
      read: async () => ({ bytes: Buffer.alloc(0), eof: true }),
      stat: async () => ({ sizeBytes: 0, modifiedAtMs: 0 }),
      async close() {},
      async [Symbol.asyncDispose]() {},
    };
  }

  async openWrite(path: string): Promise<WriteHandle> {
    this.noticed.push(path);
    return {
      maxChunkBytes: 1024,
      isDestinationTouched: true,
      async write() {},
      async close() {},
      async [Symbol.asyncDispose]() {},
    };
  }

  async stat(path: string): Promise<FileInfo> {
    throw new FileError('not_found', 'stat', path, 'no such file or directory');
  }

  async list(): Promise<DirectoryEntry[]> {
    return [...this.#entries];
  }

  async makeDirectory(path: string): Promise<void> {
    this.noticed.push(path);
  }

  async remove(path: string): Promise<void> {
    this.noticed.push(path);
  }

  async canonicalize(path: string): Promise<string> {
    return path;
  }

  resolve(path: string): string {
    return path;
  }

  join(directory: string, name: string): string {
    return this.#rules.join(directory, name);
  }

  basename(path: string): string {
    return this.#rules.basename(path);
  }

  dirname(path: string): string {
    return this.#rules.dirname(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

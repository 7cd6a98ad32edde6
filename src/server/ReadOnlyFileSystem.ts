// A served file system that changes nothing: what reads is passed on by name, everything else is refused.

import { FileError } from '../errors.js';
import type { DirectoryEntry, FileInfo } from '../fs/FileSystem.js';
import type { OwnInfo, ServedFileSystem, ServedReadHandle } from './ServedFileSystem.js';

export class ReadOnlyFileSystem implements ServedFileSystem {
  readonly #inner: ServedFileSystem;

  constructor(inner: ServedFileSystem) {
    this.#inner = inner;
  }

  openRead(path: string): Promise<ServedReadHandle> {
    return this.#inner.openRead(path);
  }

  stat(path: string): Promise<FileInfo> {
    return this.#inner.stat(path);
  }

  ownInfo(path: string): Promise<OwnInfo> {
    return this.#inner.ownInfo(path);
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#inner.list(path);
  }

  readLink(path: string): Promise<string> {
    return this.#inner.readLink(path);
  }

  canonicalize(path: string): Promise<string> {
    return this.#inner.canonicalize(path);
  }

  async openWrite(path: string): Promise<never> {
    throw refusal('open', path);
  }

  async makeDirectory(path: string): Promise<never> {
    throw refusal('create directory', path);
  }

  async remove(path: string): Promise<never> {
    throw refusal('remove', path);
  }

  async makeLink(_target: string, path: string): Promise<never> {
    throw refusal('create link', path);
  }

  resolve(path: string): string {
    return this.#inner.resolve(path);
  }

  join(directory: string, name: string): string {
    return this.#inner.join(directory, name);
  }

  basename(path: string): string {
    return this.#inner.basename(path);
  }

  dirname(path: string): string {
    return this.#inner.dirname(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}

/** The text is the system's own, so that clients that read it understand it. */
function refusal(operation: string, path: string): FileError {
  return new FileError('read_only_file_system', operation, path, 'Read-only file system: the server runs read-only');
}

// The sizes of many files, asked for a directory at a time before it is their turn: a file that is known to be small takes one request
// instead of two. Nothing waits for them, and nothing but the way in which a file is asked for depends on them.

import { CodexfsError } from '../errors.js';
import type { FileSystem, SeenFile } from '../fs/FileSystem.js';

/** Fewer files are copied before any answer could come. */
const manyFiles = 100;

export class SizesAhead {
  readonly #fileSystem: FileSystem;
  readonly #signal: AbortSignal | undefined;
  /** By their paths, until they are taken. */
  readonly #seen = new Map<string, SeenFile>();
  #fileCount = 0;
  /** Directories with files in them that were not asked about. */
  #directories: string[] = [];

  constructor(fileSystem: FileSystem, signal: AbortSignal | undefined) {
    this.#fileSystem = fileSystem;
    this.#signal = signal;
  }

  /** The directory at `path` holds so many files. */
  listed(path: string, fileCount: number): void {
    if (fileCount === 0 || this.#fileSystem.readSizes === undefined) return;
    this.#fileCount += fileCount;
    this.#directories.push(path);
    if (this.#fileCount < manyFiles) return;
    void this.#ask(this.#directories);
    this.#directories = [];
  }

  /** What was told of the file at `path`, if it was by now. */
  take(path: string): SeenFile | undefined {
    const seen = this.#seen.get(path);
    this.#seen.delete(path);
    return seen;
  }

  async #ask(directories: readonly string[]): Promise<void> {
    try {
      const found = await this.#fileSystem.readSizes?.(directories, { signal: this.#signal });
      for (const [path, seen] of found ?? []) this.#seen.set(path, seen);
    } catch (error) {
      // Whatever it is, those who copy the files will meet it.
      if (!(error instanceof CodexfsError)) throw error;
    }
  }
}

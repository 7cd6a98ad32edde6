// The directories that one run makes where it copies to, each once. A dry run makes none, and knows those that it would have made.

import { FileError, hasCode } from '../errors.js';
import type { OperationOptions } from '../fs/FileSystem.js';
import type { Endpoint, Place } from './Endpoint.js';
import { abortable } from './settle.js';
import { statIfThere } from './statIfThere.js';

/** What became of a directory: made now, so that nothing is in it, or there before. */
export type DirectoryState = 'new' | 'there';

export interface DirectoriesOptions {
  /** Hears of every directory that is missing, instead of having it made: for a dry run. */
  readonly onMissing?: ((at: Endpoint) => void) | undefined;
}

export class Directories {
  readonly #onMissing: DirectoriesOptions['onMissing'];
  readonly #made = new Map<string, Promise<DirectoryState>>();

  constructor({ onMissing }: DirectoriesOptions = {}) {
    this.#onMissing = onMissing;
  }

  /** Makes `at` a directory, with those above it, unless it is one. @throws {FileError} when it cannot be one */
  make(at: Endpoint, options: OperationOptions = {}): Promise<DirectoryState> {
    const { path } = at;
    const key = keyOf(at);
    const known = this.#made.get(key);
    if (known !== undefined) return known.then(() => 'there');
    const making = this.#onMissing === undefined ? makeDirectory(at, options) : this.#foresee(at, options);
    const made = making.catch((error: unknown): never => {
      throw hasCode(error, 'already_exists', 'not_directory') ? notDirectory(path) : error;
    });
    this.#made.set(key, made);
    return made;
  }

  /** Whether this run made the directory, or would have. */
  has(at: Place): boolean {
    return this.#made.has(keyOf(at));
  }

  async #foresee(at: Endpoint, options: OperationOptions): Promise<DirectoryState> {
    if (!(await this.#isThere(at, options))) this.#onMissing?.(at);
    return 'there';
  }

  /** Whether there is such a directory. @throws {FileError} when it could not be made */
  async #isThere(at: Place, options: OperationOptions): Promise<boolean> {
    const { fileSystem, path } = at;
    const kind = (await statIfThere(at, options))?.kind;
    if (kind === 'directory') return true;
    if (kind !== undefined) throw notDirectory(path);
    const parent = fileSystem.dirname(path);
    if (parent === path || this.has({ fileSystem, path: parent })) return false;
    if (await this.#isThere({ fileSystem, path: parent }, options)) await fileSystem.foreseeWrite?.(path);
    return false;
  }
}

async function makeDirectory(at: Endpoint, { signal }: OperationOptions): Promise<DirectoryState> {
  if (await makeNewDirectory(at, signal)) return 'new';
  await abortable(at.fileSystem.makeDirectory(at.path, { recursive: true }), signal);
  return 'there';
}

/**
 * Whether `at` could be made and was not there; anything else is for the call that takes what is there, and that may be asked for
 * again where an answer was lost.
 */
async function makeNewDirectory({ fileSystem, path }: Endpoint, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await abortable(fileSystem.makeDirectory(path, { recursive: false }), signal);
    return true;
  } catch (error) {
    if (error instanceof FileError || hasCode(error, 'connection_closed', 'timeout')) return false;
    throw error;
  }
}

function notDirectory(path: string): FileError {
  return new FileError('not_directory', 'create directory', path, 'is not a directory');
}

/** The path without a separator at its end. */
function keyOf({ fileSystem, path }: Place): string {
  return fileSystem.join(fileSystem.dirname(path), fileSystem.basename(path));
}

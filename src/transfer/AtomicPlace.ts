// A destination that appears only when it is complete: written beside it under another name, and renamed at the end.

import { randomUUID } from 'node:crypto';
import { CodexfsError, FileError } from '../errors.js';
import type { FileInfo, OperationOptions } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { settleWithin } from './settle.js';
import { statIfThere } from './statIfThere.js';

/** While it is written nobody else may read it: the file that it becomes may be private. */
export const temporaryMode = 0o600;

/** Asked once and early: to ask for the umask is to change it for a moment, and files may be made meanwhile. */
const newFileMode = 0o666 & ~process.umask();

/** Milliseconds for the removal of what a failed copy left. */
const removalMs = limits.cancelSettleMs * 0.2;

export class AtomicPlace {
  /** Where to write. Its name cannot be guessed. */
  readonly temporary: Endpoint;
  readonly #to: Endpoint;
  readonly #existing: FileInfo | undefined;

  /** A place for what shall become `to`; a link there stays, and what it leads to is replaced. */
  static async beside(to: Endpoint, options: OperationOptions): Promise<AtomicPlace> {
    const { fileSystem } = to;
    if (fileSystem.rename === undefined) {
      throw new CodexfsError('unsupported', 'cannot be replaced in one step: servers have no way to rename');
    }
    const existing = await lookAt(to, options);
    if (existing === undefined) return new AtomicPlace(to, undefined);
    return new AtomicPlace({ ...to, path: await fileSystem.canonicalize(to.path, options) }, existing);
  }

  private constructor(to: Endpoint, existing: FileInfo | undefined) {
    const { fileSystem, path } = to;
    const name = `.codexfs-${randomUUID()}`;
    const directory = fileSystem.dirname(path);
    this.#to = to;
    this.#existing = existing;
    const temporaryPath = fileSystem.join(directory, name);
    this.temporary = { ...to, path: temporaryPath, shown: temporaryPath };
  }

  /** Puts what was written in its place, with the mode of what it replaces or of any new file. */
  async finish(): Promise<void> {
    const { fileSystem, path } = this.#to;
    await fileSystem.setAttributes?.(this.temporary.path, { mode: this.#existing?.mode ?? newFileMode });
    await fileSystem.rename?.(this.temporary.path, path);
  }

  /** Removes what was written; the failure of the copy as one of the destination, with what could not be removed. Never rejects. */
  async abandon(error: unknown): Promise<unknown> {
    const { path, fileSystem } = this.temporary;
    const removal = fileSystem.remove(path, { recursive: false, force: true });
    const isGone =
      (await settleWithin(removal, removalMs)) &&
      (await removal.then(
        () => true,
        () => false,
      ));
    if (!(error instanceof TransferError)) return error;
    return error.with({ to: this.#to.shown, partial: isGone ? undefined : error.partial });
  }
}

/** What is at `to`; undefined for nothing. A rename would replace a device as well. @throws {FileError} unless it is a file */
async function lookAt(to: Endpoint, options: OperationOptions): Promise<FileInfo | undefined> {
  const info = await statIfThere(to, options);
  if (info?.kind === 'directory') throw new FileError('is_directory', 'open', to.path, 'is a directory');
  if (info?.kind === 'other') throw new FileError('not_regular_file', 'open', to.path, 'not a regular file');
  return info;
}

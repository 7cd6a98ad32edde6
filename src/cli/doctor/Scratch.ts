// The file with which doctor measures a server: made where the server lets us, and removed again whatever happens.

import { randomUUID } from 'node:crypto';
import { CodexfsError, FileError, hasCode } from '../../errors.js';
import type { RemoteFileSystem } from '../../fs/RemoteFileSystem.js';
import { settleWithin } from '../../transfer/settle.js';

/** Milliseconds for the removal, whatever has become of the run. */
const removeMs = 2_000;

export class Scratch implements AsyncDisposable {
  readonly path: string;
  readonly #fileSystem: RemoteFileSystem;

  private constructor(fileSystem: RemoteFileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.path = path;
  }

  /**
   * Makes an empty file in the first of `directories` that takes one; the caller disposes it.
   * @throws {FileError} as the last of them refused
   */
  static async make(
    fileSystem: RemoteFileSystem,
    directories: readonly string[],
    options: { readonly signal: AbortSignal },
  ): Promise<Scratch> {
    let refusal: CodexfsError = new CodexfsError('unsupported', 'this server names no directory to write to');
    for (const directory of directories) {
      const path = fileSystem.join(directory, `.codexfs-doctor-${randomUUID()}`);
      const scratch = new Scratch(fileSystem, path);
      try {
        const handle = await fileSystem.openWrite(path, options);
        await handle.close();
        return scratch;
      } catch (error) {
        // It may be there all the same, when the answer was lost.
        await scratch[Symbol.asyncDispose]();
        if (!(error instanceof FileError) && !hasCode(error, 'unsupported')) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  /** The name of a second file, which is removed with the first. */
  get copyPath(): string {
    return `${this.path}-copy`;
  }

  /** Never rejects: a server that is gone cannot be tidied. */
  async [Symbol.asyncDispose](): Promise<void> {
    const options = { recursive: false, force: true };
    const removals = [this.path, this.copyPath].map((path) => this.#fileSystem.remove(path, options));
    await settleWithin(Promise.allSettled(removals), removeMs);
  }
}

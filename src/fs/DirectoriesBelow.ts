// The directories below one root, reached by name and never through a link. What the platform offers for that differs: see
// HeldDirectories.ts and CheckedDirectories.ts.

import { FileError } from '../errors.js';

/** One name in a directory. Its own last name may be a link: system calls on `path` must not follow it. */
export interface PlaceBelow extends Disposable {
  /** For system calls, until this is disposed of. */
  readonly path: string;
}

export interface DirectoriesBelow extends AsyncDisposable {
  /**
   * The place to which `names` (one at least) lead from the root.
   * @throws {FileError} `refused` when a directory on the way is a link, `not_directory` when it is something else
   */
  placeOf(names: readonly string[]): Promise<PlaceBelow>;
  /**
   * Looks once more that what was opened as `path`, the path of a place, is what that place holds. Absent where an open
   * cannot be led astray.
   * @throws {FileError} when it is not
   */
  confirm?(path: string, opened: { readonly dev: number; readonly ino: number }): Promise<void>;
}

/** The path is filled in by whoever knows what was asked for. */
export function refusedLink(): FileError {
  const message = 'is a symbolic link, which a recursive copy does not follow below its destination';
  return new FileError('refused', 'find', '', message);
}

export function notDirectory(): FileError {
  return new FileError('not_directory', 'find', '', 'not a directory');
}

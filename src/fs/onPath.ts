// Errors of work that was given another path than the one that people know.

import { FileError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';

/** Runs `work`; its failure names `path`, whatever path the system call was given. */
export async function onPath<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FileError) throw new FileError(cause.code, operation, path, cause.message, cause);
    throw fileErrorFrom(cause, operation, path);
  }
}

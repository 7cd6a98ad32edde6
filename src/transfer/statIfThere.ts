// What is at a path, for who can go on where nothing is.

import { type ErrorCode, hasCode } from '../errors.js';
import type { FileInfo, OperationOptions } from '../fs/FileSystem.js';
import type { Place } from './Endpoint.js';

/** Facts about what is at a place; undefined where the file system answers `not_found`, or one of `codes`, which count as that. */
export async function statIfThere(
  { fileSystem, path }: Place,
  options: OperationOptions,
  ...codes: readonly ErrorCode[]
): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(path, options);
  } catch (error) {
    if (hasCode(error, 'not_found', ...codes)) return undefined;
    throw error;
  }
}

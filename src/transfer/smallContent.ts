// The content of a small file in one step, for who looks at many.

import { FileError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import type { SourceOptions } from './Source.js';

/** Undefined where the file is not small, is refused, or can only be read through a handle: what that comes to, `Source` says. */
export async function smallContent(
  { fileSystem, path }: Endpoint,
  { signal }: SourceOptions,
): Promise<Buffer | undefined> {
  try {
    return (await fileSystem.readWhole?.(path, limits.smallFileBytes, { signal }))?.bytes;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

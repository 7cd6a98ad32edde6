// What of a file is kept besides its content, and how one file gets it.

import { CodexfsError } from '../errors.js';
import type { FileAttributes } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';

export type Attribute = 'mode' | 'times';

/** The bits of a mode that are kept: who owns the copy may be another, so it never runs as its owner. */
export const permissionBits = 0o777;

/** Gives `to` its `attributes`, where that is one cheap step; resolves with whether it has them. */
export async function setAtOnce({ fileSystem, path }: Endpoint, attributes: FileAttributes): Promise<boolean> {
  if (fileSystem.setAttributes === undefined) return false;
  try {
    await fileSystem.setAttributes(path, attributes);
    return true;
  } catch (error) {
    if (error instanceof CodexfsError) return false;
    throw error;
  }
}

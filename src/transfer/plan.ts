// Where a file lands: from the operands of a copy to the exact destination, by the directory rule of cp.

import { CodexfsError, FileError, hasCode } from '../errors.js';
import type { FileInfo } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';

export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The destination of one file copied `to`: an existing directory, or a path that ends in a separator, receives it under
 * `name`; a missing directory of that kind is created; anything else is the destination itself.
 * @throws {CodexfsError} `not_directory` when `to` ends in a separator and is a file
 */
export async function destinationOf(to: Endpoint, name: string, options: PlanOptions = {}): Promise<Endpoint> {
  const { fileSystem } = to;
  const wantsDirectory = /[/\\]$/.test(to.path) && fileSystem.join(to.path, 'x') === `${to.path}x`;
  const info = await infoOf(to, options);
  if (info?.kind === 'directory') return below(to, name);
  if (!wantsDirectory) return to;
  if (info !== undefined) throw new FileError('not_directory', 'open', to.path, 'is not a directory');
  await fileSystem.makeDirectory(to.path, { recursive: true });
  return below(to, name);
}

/** @throws {CodexfsError} unless `from` is a regular file: `is_directory` says how to copy one */
export async function checkIsFile(from: Endpoint, options: PlanOptions = {}): Promise<FileInfo> {
  const info = await from.fileSystem.stat(from.path, options);
  if (info.kind === 'directory') throw new FileError('is_directory', 'open', from.path, 'is a directory');
  if (info.kind === 'other') throw new FileError('not_regular_file', 'open', from.path, 'not a regular file');
  return info;
}

function below(to: Endpoint, name: string): Endpoint {
  if (name === '') throw new CodexfsError('refused', 'the source has no name to copy it under');
  const separator = /[/\\:]$/.test(to.shown) ? '' : '/';
  return { ...to, path: to.fileSystem.join(to.path, name), shown: `${to.shown}${separator}${name}` };
}

/** A path that cannot be looked at is left to the copy itself to complain about. */
async function infoOf(endpoint: Endpoint, options: PlanOptions): Promise<FileInfo | undefined> {
  try {
    return await endpoint.fileSystem.stat(endpoint.path, options);
  } catch (error) {
    if (hasCode(error, 'not_found', 'not_directory', 'permission_denied')) return undefined;
    throw error;
  }
}

// Where a file lands: from the operands of a copy to the exact destination, by the directory rule of cp.

import { CodexfsError, FileError, hasCode } from '../errors.js';
import { entryNameProblem } from '../fs/entryName.js';
import type { FileInfo, FileSystem } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';

export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface DestinationRule extends PlanOptions {
  /** Whether the destination is a directory that receives the file: it must be, it is not taken as one, or what is there decides. */
  readonly directory?: 'always' | 'never' | 'ifThere' | undefined;
}

/**
 * The destination of one file copied `to`: an existing directory, or a path that ends in a separator, receives it under
 * `name`; a missing directory of that kind is created; anything else is the destination itself.
 * @throws {CodexfsError} `not_directory` when `to` must be a directory and is not; `unsafe_name` when `name` cannot be one
 *   entry of it
 */
export async function destinationOf(to: Endpoint, name: string, rule: DestinationRule = {}): Promise<Endpoint> {
  const { fileSystem } = to;
  const { directory = 'ifThere' } = rule;
  if (directory === 'never') return to;
  const wantsDirectory = endsInSeparator(to);
  const info = await infoOf(to, rule);
  if (info?.kind === 'directory') return below(to, name);
  if (info !== undefined && (wantsDirectory || directory === 'always')) {
    throw new FileError('not_directory', 'open', to.path, 'is not a directory');
  }
  if (wantsDirectory) {
    checkName(to, name);
    await fileSystem.makeDirectory(to.path, { recursive: true });
    return below(to, name);
  }
  if (directory === 'ifThere') return to;
  throw new FileError('not_found', 'open', to.path, 'no such directory', {
    hint: 'end it in / to have it created',
  });
}

/** @throws {CodexfsError} unless `from` is a regular file */
export async function checkIsFile(from: Endpoint, options: PlanOptions = {}): Promise<FileInfo> {
  const info = await from.fileSystem.stat(from.path, options);
  if (info.kind === 'directory') {
    throw new FileError('is_directory', 'open', from.path, 'is a directory', {
      hint: 'directories are not copied yet; name the files in it',
    });
  }
  if (info.kind === 'other') throw new FileError('not_regular_file', 'open', from.path, 'not a regular file');
  return info;
}

function below(to: Endpoint, name: string): Endpoint {
  checkName(to, name);
  const separator = /[/\\:]$/.test(to.shown) ? '' : '/';
  return { ...to, path: to.fileSystem.join(to.path, name), shown: `${to.shown}${separator}${name}` };
}

/** Only a name that was not typed as part of the destination is checked. */
function checkName({ fileSystem }: Endpoint, name: string): void {
  if (name === '') throw new CodexfsError('refused', 'is a directory, and the source has no name to be copied under');
  const problem = entryNameProblem(name, usesBackslashes(fileSystem) ? 'win32' : 'posix');
  if (problem !== undefined) {
    throw new CodexfsError('unsafe_name', `is a directory, and \`${name}\` cannot be a name in it: ${problem}`);
  }
}

function endsInSeparator({ fileSystem, path }: Endpoint): boolean {
  return path.endsWith('/') || (path.endsWith('\\') && usesBackslashes(fileSystem));
}

function usesBackslashes(fileSystem: FileSystem): boolean {
  return fileSystem.join('a', 'b').includes('\\');
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

// Where a file lands: from the operands of a copy to the exact destination, by the directory rule of cp.

import { CodexfsError, FileError } from '../errors.js';
import { entryNameProblem } from '../fs/entryName.js';
import type { FileInfo, FileSystem } from '../fs/FileSystem.js';
import { Directories } from './Directories.js';
import type { Endpoint } from './Endpoint.js';
import { statIfThere } from './statIfThere.js';

export interface PlanOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface DestinationRule extends PlanOptions {
  /** Whether the destination is a directory that receives the file: it must be, it is not taken as one, or what is there decides. */
  readonly directory?: 'always' | 'never' | 'ifThere' | undefined;
  /** Where directories are made, or not in a dry run. */
  readonly directories?: Directories | undefined;
}

/** What is to land: a file, or a directory; without names it is a directory's contents. */
export interface Landing {
  readonly kind: 'file' | 'directory';
  /** What it is called below a directory that receives it: one name, or several with --parents. */
  readonly names: readonly string[];
}

/**
 * The destination of one source copied `to`: an existing directory receives it under its name, and so does a path that ends in
 * a separator, which is created; anything else is the destination itself. A directory that is copied to a missing path
 * becomes that path, separator or not, unless others are copied there too.
 * @throws {CodexfsError} `not_directory` when `to` must be a directory and is not; `unsafe_name` when one of the names cannot
 *   be an entry of it
 */
export async function destinationOf(to: Endpoint, source: Landing, rule: DestinationRule = {}): Promise<Endpoint> {
  const { directory = 'ifThere', directories = new Directories() } = rule;
  const wantsDirectory = endsInSeparator(to);
  if (directory === 'never' && source.kind === 'file') return to;
  const info = await infoOf(to, rule);
  if (directory === 'never') return info === undefined && !wantsDirectory ? inStandingParent(to, rule) : to;
  if (info?.kind === 'directory' || directories.has(to)) return landingIn(to, source, rule);
  if (info !== undefined && (wantsDirectory || directory === 'always')) {
    throw new FileError('not_directory', 'open', to.path, 'is not a directory');
  }
  if (directory === 'ifThere' && source.kind === 'directory') {
    return info === undefined && !wantsDirectory ? inStandingParent(to, rule) : to;
  }
  if (directory === 'ifThere' && !wantsDirectory) return { ...to, isFree: info === undefined };
  if (!wantsDirectory) throw noDirectory(to);
  // Nothing is made for a name that is refused.
  below(to, source);
  await directories.make(to, rule);
  return landingIn(to, source, rule);
}

/** The destination of `source` in the directory `to`, with the directories between them made. @throws as `destinationOf` */
export async function landingIn(to: Endpoint, source: Landing, rule: DestinationRule): Promise<Endpoint> {
  const landing = below(to, source);
  const { directories = new Directories() } = rule;
  if (source.names.length > 1) await directories.make(endpointBelow(to, source.names.slice(0, -1)), rule);
  return landing;
}

/** `to`, where nothing is, unless what is to hold it is missing: a directory is made there, but not those above it. */
async function inStandingParent(to: Endpoint, rule: DestinationRule): Promise<Endpoint> {
  const parent = to.fileSystem.dirname(to.path);
  const info = await infoOf({ ...to, path: parent }, rule);
  if (info === undefined) throw noDirectory(to);
  return { ...to, isFree: true };
}

function noDirectory({ path }: Endpoint): FileError {
  return new FileError('not_found', 'open', path, 'no such directory', { hint: 'end it in / to have it created' });
}

/** @throws {CodexfsError} unless `from` is a regular file */
export async function checkIsFile(from: Endpoint, options: PlanOptions = {}): Promise<FileInfo> {
  const info = await from.fileSystem.stat(from.path, options);
  if (info.kind === 'directory') {
    throw new FileError('is_directory', 'open', from.path, 'is a directory', { hint: 'use -r' });
  }
  if (info.kind === 'other') throw new FileError('not_regular_file', 'open', from.path, 'not a regular file');
  return info;
}

function below(to: Endpoint, { kind, names }: Landing): Endpoint {
  if (kind === 'file' && names.length === 0) {
    throw new CodexfsError('refused', 'is a directory, and the source has no name to be copied under', {
      hint: 'name the file: DIRECTORY/NAME',
    });
  }
  for (const name of names) checkName(to, name);
  return endpointBelow(to, names);
}

/** The endpoint that `names` lead to below the directory `root`; `path` where that is known. */
export function endpointBelow(root: Endpoint, names: readonly string[], path?: string): Endpoint {
  if (names.length === 0) return root;
  const separator = /[/\\:]$/.test(root.shown) ? '' : '/';
  return {
    ...root,
    path: path ?? root.fileSystem.join(root.path, names.join(pathSeparator(root.fileSystem))),
    shown: `${root.shown}${separator}${names.join('/')}`,
  };
}

/** Names are joined by it at once: one by one, a path as deep as a server may claim costs the square of its length. */
function pathSeparator(fileSystem: FileSystem): string {
  return fileSystem.join('a', 'b').slice(1, -1);
}

/** Only a name that was not typed as part of the destination is checked. */
function checkName({ fileSystem }: Endpoint, name: string): void {
  const problem = entryNameProblem(name, usesBackslashes(fileSystem) ? 'win32' : 'posix');
  if (problem !== undefined) {
    throw new CodexfsError('unsafe_name', `is a directory, and \`${name}\` cannot be a name in it: ${problem}`);
  }
}

function endsInSeparator({ fileSystem, path }: Endpoint): boolean {
  return path.endsWith('/') || (path.endsWith('\\') && usesBackslashes(fileSystem));
}

/** Whether paths there are divided by backslashes. */
export function usesBackslashes(fileSystem: FileSystem): boolean {
  return fileSystem.join('a', 'b').includes('\\');
}

/** A path that cannot be looked at is left to the copy itself to complain about. */
function infoOf(endpoint: Endpoint, options: PlanOptions): Promise<FileInfo | undefined> {
  return statIfThere(endpoint, options, 'not_directory', 'permission_denied');
}

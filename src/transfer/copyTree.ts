// The jobs of a recursive copy: every file below a directory with its destination, the directories made before their files.

import { CodexfsError, FileError, hasCode } from '../errors.js';
import type { FileSystem } from '../fs/FileSystem.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { endpointBelow } from './plan.js';
import { abortable } from './settle.js';
import { type WalkItem, type WalkOptions, walkTree } from './walk.js';

/** One step of a recursive copy. A `file` may be copied at any time, and several at once. */
export type TreeJob =
  | { readonly type: 'file'; readonly from: Endpoint; readonly to: Endpoint }
  | { readonly type: 'directory'; readonly from: Endpoint; readonly to: Endpoint }
  | { readonly type: 'skipped'; readonly reason: 'special' | 'link'; readonly from: Endpoint }
  | { readonly type: 'failed'; readonly error: TransferError };

export interface TreeOptions extends WalkOptions {
  /** Makes no directory: for a plan. */
  readonly isDryRun?: boolean | undefined;
}

/**
 * The jobs that make `to` a copy of the directory `from`. A directory that cannot be made is a failure, and nothing below it
 * is a job.
 * @throws {TransferError} when `from` cannot be read or `to` cannot be made
 */
export async function* treeJobs(
  from: Endpoint,
  to: Endpoint,
  options: TreeOptions,
): AsyncGenerator<TreeJob, void, void> {
  await makeDirectory(from, to, options);
  const unmade = new Set<string>();
  try {
    const { namePlatform } = to.fileSystem;
    for await (const item of walkTree(from.fileSystem, from.path, { namePlatform, ...options })) {
      if (isBelowAny(item.names, unmade)) continue;
      yield await jobOf(item, from, to, options, unmade);
    }
  } catch (cause) {
    throw cause instanceof CodexfsError && !(cause instanceof TransferError)
      ? failureOf(from, to, 'source', cause)
      : cause;
  }
}

async function jobOf(
  item: WalkItem,
  root: Endpoint,
  toRoot: Endpoint,
  options: TreeOptions,
  unmade: Set<string>,
): Promise<TreeJob> {
  const from = endpointBelow(root, item.names, item.path);
  if (item.type === 'skipped') return { type: 'skipped', reason: item.reason, from };
  const to = endpointBelow(toRoot, item.names);
  if (item.type === 'problem') return { type: 'failed', error: failureOf(from, to, 'source', item.error) };
  if (item.kind === 'file') return { type: 'file', from, to };
  try {
    await makeDirectory(from, to, options);
    return { type: 'directory', from, to };
  } catch (error) {
    if (!(error instanceof TransferError) || hasCode(error, 'connection_closed', 'timeout', 'cancelled')) throw error;
    unmade.add(item.names.join('/'));
    return { type: 'failed', error };
  }
}

/** Makes `to` a directory unless it is one. */
async function makeDirectory(from: Endpoint, to: Endpoint, { isDryRun = false, signal }: TreeOptions): Promise<void> {
  try {
    if (!isDryRun) await abortable(to.fileSystem.makeDirectory(to.path, { recursive: true }), signal);
    else await refuseFile(to.fileSystem, to.path, signal);
  } catch (cause) {
    if (!(cause instanceof CodexfsError)) throw cause;
    const isInTheWay = hasCode(cause, 'already_exists', 'not_directory');
    const error = isInTheWay
      ? new FileError('not_directory', 'create directory', to.path, 'is not a directory')
      : cause;
    throw failureOf(from, to, 'destination', error);
  }
}

async function refuseFile(fileSystem: FileSystem, path: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    const { kind } = await fileSystem.stat(path, { signal });
    if (kind !== 'directory') throw new FileError('not_directory', 'create directory', path, 'is not a directory');
  } catch (error) {
    if (!hasCode(error, 'not_found')) throw error;
  }
}

function failureOf(from: Endpoint, to: Endpoint, side: TransferError['side'], cause: CodexfsError): TransferError {
  return new TransferError({ from: from.shown, to: to.shown, side, partial: undefined, cause });
}

function isBelowAny(names: readonly string[], directories: ReadonlySet<string>): boolean {
  if (directories.size === 0) return false;
  return names.some((_, index) => directories.has(names.slice(0, index).join('/')));
}

// The jobs of a recursive copy: every file below a directory with its destination, the directories made before their files.

import { CodexfsError, FileError, hasCode } from '../errors.js';
import type { FileSystem } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { mapAhead } from './inParallel.js';
import { endpointBelow } from './plan.js';
import { abortable } from './settle.js';
import { type WalkItem, type WalkOptions, walkTree } from './walk.js';

/** One step of a recursive copy. A `file` may be copied at any time, and several at once. */
export type TreeJob =
  /** `isNew`: its directory was made just now, so that nothing is at `to`. */
  | { readonly type: 'file'; readonly from: Endpoint; readonly to: Endpoint; readonly isNew?: boolean }
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
  const plan = new TreePlan(from, to, options, await makeDirectory(from, to, options));
  try {
    const { namePlatform } = to.fileSystem;
    const items = walkTree(from.fileSystem, from.path, { namePlatform, ...options });
    const jobs = mapAhead(items, limits.directoriesInFlight, (item) => plan.jobOf(item));
    for await (const job of jobs) if (job !== undefined) yield job;
  } catch (cause) {
    throw cause instanceof CodexfsError && !(cause instanceof TransferError)
      ? failureOf(from, to, 'source', cause)
      : cause;
  }
}

/** What became of a directory: made now, there before, or neither. */
type DirectoryState = 'new' | 'there' | 'missing';

/** Makes the directories of one tree, several at a time, and knows for each what became of it. */
class TreePlan {
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #options: TreeOptions;
  readonly #directories = new Map<string, Promise<DirectoryState>>();

  constructor(from: Endpoint, to: Endpoint, options: TreeOptions, root: DirectoryState) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#directories.set('', Promise.resolve(root));
  }

  /** The job that `item` is; undefined below what could not be made. Called for a directory before what is in it. */
  jobOf(item: WalkItem): Promise<TreeJob | undefined> {
    const parent = this.#directories.get(item.names.slice(0, -1).join('/')) ?? Promise.resolve('there' as const);
    if (item.type !== 'entry' || item.kind === 'file') return this.#leafJob(item, parent);
    const made = this.#make(item, parent);
    const state = made.then(({ state }) => state);
    state.catch(() => {});
    this.#directories.set(item.names.join('/'), state);
    return made.then(({ job }) => job);
  }

  async #leafJob(item: WalkItem, parent: Promise<DirectoryState>): Promise<TreeJob | undefined> {
    const parentState = await parent;
    if (parentState === 'missing') return undefined;
    const from = endpointBelow(this.#from, item.names, item.path);
    if (item.type === 'skipped') return { type: 'skipped', reason: item.reason, from };
    const to = endpointBelow(this.#to, item.names);
    if (item.type === 'problem') return { type: 'failed', error: failureOf(from, to, 'source', item.error) };
    return { type: 'file', from, to, isNew: parentState === 'new' };
  }

  async #make(
    item: WalkItem,
    parent: Promise<DirectoryState>,
  ): Promise<{ readonly state: DirectoryState; readonly job?: TreeJob }> {
    if ((await parent) === 'missing') return { state: 'missing' };
    const from = endpointBelow(this.#from, item.names, item.path);
    const to = endpointBelow(this.#to, item.names);
    try {
      return { state: await makeDirectory(from, to, this.#options), job: { type: 'directory', from, to } };
    } catch (error) {
      if (!(error instanceof TransferError) || hasCode(error, 'connection_closed', 'timeout', 'cancelled')) throw error;
      return { state: 'missing', job: { type: 'failed', error } };
    }
  }
}

/** Makes `to` a directory unless it is one. */
async function makeDirectory(
  from: Endpoint,
  to: Endpoint,
  { isDryRun = false, signal }: TreeOptions,
): Promise<DirectoryState> {
  try {
    if (isDryRun) await refuseFile(to.fileSystem, to.path, signal);
    else if (await makeNewDirectory(to, signal)) return 'new';
    else await abortable(to.fileSystem.makeDirectory(to.path, { recursive: true }), signal);
    return 'there';
  } catch (cause) {
    if (!(cause instanceof CodexfsError)) throw cause;
    const isInTheWay = hasCode(cause, 'already_exists', 'not_directory');
    const error = isInTheWay
      ? new FileError('not_directory', 'create directory', to.path, 'is not a directory')
      : cause;
    throw failureOf(from, to, 'destination', error);
  }
}

/** Whether `to` could be made and was not there; anything else is for the call that takes what is there. */
async function makeNewDirectory({ fileSystem, path }: Endpoint, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await abortable(fileSystem.makeDirectory(path, { recursive: false }), signal);
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
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

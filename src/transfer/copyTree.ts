// The jobs of a recursive copy: every file below a directory with its destination, the directories made before their files.

import { CodexfsError } from '../errors.js';
import type { SeenFile } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import { Directories, type DirectoryState } from './Directories.js';
import { type Endpoint, TransferError } from './Endpoint.js';
import { isAnswerLost } from './failure.js';
import { mapAhead } from './inParallel.js';
import { onSide, sideError } from './onSide.js';
import type { LookedAt } from './placeFile.js';
import { endpointBelow } from './plan.js';
import { SizesAhead } from './SizesAhead.js';
import { type WalkItem, type WalkOptions, walkTree } from './walk.js';

/** One step of a recursive copy. A `file` may be copied at any time, and several at once. */
export type TreeJob =
  /** `isNew`: nothing is at `to`: its directory was made just now, or it was looked for. */
  | {
      readonly type: 'file';
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly isNew?: boolean;
      /** What the source was seen to be by now, where that is known without asking for it. To be called once. */
      readonly seen?: () => SeenFile | undefined;
      /** What both ends were found to be, where they were looked at. */
      readonly lookedAt?: LookedAt;
    }
  | { readonly type: 'directory'; readonly from: Endpoint; readonly to: Endpoint }
  | { readonly type: 'skipped'; readonly reason: 'special' | 'link'; readonly from: Endpoint }
  | { readonly type: 'failed'; readonly error: TransferError };

export interface TreeOptions extends WalkOptions {
  /** Where the directories are made, or not in a dry run. */
  readonly directories?: Directories | undefined;
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
    const onListed = (path: string, fileCount: number) => plan.sizes.listed(path, fileCount);
    const items = walkTree(from.fileSystem, from.path, { namePlatform, onListed, ...options });
    const jobs = mapAhead(items, limits.directoriesInFlight, (item) => plan.jobOf(item));
    for await (const job of jobs) if (job !== undefined) yield job;
  } catch (cause) {
    throw cause instanceof CodexfsError && !(cause instanceof TransferError)
      ? sideError('source', from, to, cause)
      : cause;
  }
}

/** What became of a directory. */
type State = DirectoryState | 'missing';

/** Makes the directories of one tree, several at a time, and knows for each what became of it. */
class TreePlan {
  readonly sizes: SizesAhead;
  readonly #from: Endpoint;
  readonly #to: Endpoint;
  readonly #options: TreeOptions;
  readonly #directories = new Map<string, Promise<State>>();

  constructor(from: Endpoint, to: Endpoint, options: TreeOptions, root: State) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.sizes = new SizesAhead(from.fileSystem, options.signal);
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

  async #leafJob(item: WalkItem, parent: Promise<State>): Promise<TreeJob | undefined> {
    const parentState = await parent;
    if (parentState === 'missing') return undefined;
    const from = endpointBelow(this.#from, item.names, item.path);
    if (item.type === 'skipped') return { type: 'skipped', reason: item.reason, from };
    const to = endpointBelow(this.#to, item.names);
    if (item.type === 'problem') return { type: 'failed', error: sideError('source', from, to, item.error) };
    return { type: 'file', from, to, isNew: parentState === 'new', seen: () => this.sizes.take(item.path) };
  }

  async #make(item: WalkItem, parent: Promise<State>): Promise<{ readonly state: State; readonly job?: TreeJob }> {
    if ((await parent) === 'missing') return { state: 'missing' };
    const from = endpointBelow(this.#from, item.names, item.path);
    const to = endpointBelow(this.#to, item.names);
    try {
      return { state: await makeDirectory(from, to, this.#options), job: { type: 'directory', from, to } };
    } catch (error) {
      if (!(error instanceof TransferError) || isAnswerLost(error)) throw error;
      return { state: 'missing', job: { type: 'failed', error } };
    }
  }
}

function makeDirectory(
  from: Endpoint,
  to: Endpoint,
  { directories = new Directories(), signal }: TreeOptions,
): Promise<DirectoryState> {
  return onSide('destination', from, to, () => directories.make(to, { signal }));
}

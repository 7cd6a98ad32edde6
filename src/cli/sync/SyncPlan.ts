// What one sync has to copy, as a sequence of jobs: the source's tree, less the files that the destination has already.

import { CodexfsError, FileError, hasCode } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { limits } from '../../protocol/limits.js';
import { type TreeJob, treeJobs } from '../../transfer/copyTree.js';
import type { Directories } from '../../transfer/Directories.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { isAnswerLost } from '../../transfer/failure.js';
import { mapAhead } from '../../transfer/inParallel.js';
import type { ProbeOptions } from '../../transfer/oneDisk.js';
import { onSide } from '../../transfer/onSide.js';
import { destinationOf } from '../../transfer/plan.js';
import { statIfThere } from '../../transfer/statIfThere.js';
import { refuseTreeInItself } from '../../transfer/treeInItself.js';
import { isUpToDate, type SyncRule } from '../../transfer/upToDate.js';
import type { CpJob, JobPlan } from '../cp/CpPlan.js';
import { confined, endpointOf } from '../operands.js';
import type { Run } from '../Run.js';
import type { SyncOperands } from './syncOperands.js';

export interface SyncPlanOptions {
  /** Whether files are compared by their content, and so by the copy itself. */
  readonly isChecksum: boolean;
  /** Whether what the source has not will be removed. */
  readonly deletes: boolean;
  /** Where directories are made, or not in a dry run. */
  readonly directories?: Directories | undefined;
}

/** The two ends, once they are known to be what a sync is about. */
export interface SyncEnds {
  readonly from: Endpoint;
  /** On this host no link below it is followed. */
  readonly to: Endpoint;
  /** The source's path with links followed, where it can be told. */
  readonly realRoot: string | undefined;
  readonly rule: SyncRule;
}

export class SyncPlan implements JobPlan {
  /** The paths, from the root, of all that the source has and is wanted. */
  readonly present = new Set<string>();
  readonly #operands: SyncOperands;
  readonly #run: Run;
  readonly #options: SyncPlanOptions;
  #ends: SyncEnds | undefined;
  #confined: AsyncDisposable | undefined;

  constructor(operands: SyncOperands, options: SyncPlanOptions, run: Run) {
    this.#operands = operands;
    this.#options = options;
    this.#run = run;
  }

  /** Undefined until the first job. */
  get ends(): SyncEnds | undefined {
    return this.#ends;
  }

  async *jobs(): AsyncGenerator<CpJob, void, void> {
    this.#ends = await this.#open();
    const { from, to, realRoot, rule } = this.#ends;
    const { links, selection } = this.#operands;
    const isWanted = (names: readonly string[], kind: FileInfo['kind']) => {
      const isSelected = selection?.isWanted(names, kind) ?? true;
      if (isSelected) this.present.add(names.join('/'));
      return isSelected;
    };
    const { directories } = this.#options;
    const jobs = treeJobs(from, to, { links, isWanted, realRoot, signal: this.#run.signal, directories });
    yield* mapAhead(jobs, limits.statsInFlight, (job) => this.#compared(job, rule));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#confined?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<SyncEnds> {
    const [source] = this.#operands.sources;
    const { signal } = this.#run;
    const [from, place] = await Promise.all([
      endpointOf(source, this.#run),
      endpointOf(this.#operands.destination, this.#run),
    ]);
    const info = await onSide('source', from, place, () => from.fileSystem.stat(from.path, { signal }));
    await onSide('source', from, place, () => refuseFile(from, info));
    const to = await confined(place);
    this.#confined = to;
    const rule = { signal, directory: 'never', directories: this.#options.directories } as const;
    const landing = await onSide('destination', from, place, () =>
      destinationOf(to, { kind: 'directory', names: [] }, rule),
    );
    const options = { signal, isDryRun: this.#operands.isDryRun };
    const unconfined = { ...landing, fileSystem: place.fileSystem };
    const realRoot = await onSide('source', from, place, () => refuseTreeInItself(from, unconfined, options));
    if (this.#options.deletes)
      await onSide('destination', from, place, () => refuseToDeleteSource(place, from, options));
    return { from, to, realRoot, rule: { keepsTimes: await keepsTimes(place) } };
  }

  /** A file that is there already is left alone. Of the others, nobody has to look at either end again. */
  async #compared(job: TreeJob, rule: SyncRule): Promise<CpJob> {
    if (job.type !== 'file' || job.isNew || this.#options.isChecksum) return job;
    const { from, to } = job;
    try {
      const [source, existing] = await Promise.all([
        onSide('source', from, to, () => from.fileSystem.stat(from.path, { signal: this.#run.signal })),
        onSide('destination', from, to, () => statIfThere(to, { signal: this.#run.signal })),
      ]);
      if (isUpToDate(source, existing, rule)) return { type: 'current', to };
      return { ...job, isNew: existing === undefined, lookedAt: { source, existing } };
    } catch (error) {
      // The copy will meet it again, and has the words for it.
      if (isAnswerLost(error)) throw error;
      return job;
    }
  }
}

/** A source below the destination is something that the source has not. */
async function refuseToDeleteSource(to: Endpoint, from: Endpoint, options: ProbeOptions): Promise<void> {
  try {
    await refuseTreeInItself(to, from, options);
  } catch (error) {
    if (!hasCode(error, 'refused')) throw error;
    throw new FileError('refused', 'remove', to.path, `holds ${from.shown}, which --delete would remove`);
  }
}

function refuseFile({ path }: Endpoint, { kind }: FileInfo): void {
  if (kind === 'directory') return;
  throw new FileError('not_regular_file', 'list', path, 'is not a directory', { hint: 'codexfs cp copies files' });
}

/**
 * Whether a copy at `to` can be given a time: by this host, or on a server by programs, which must run there to tell a mode. What
 * cannot be found out counts as yes, by which rather too much is copied.
 */
async function keepsTimes({ fileSystem, path }: Endpoint): Promise<boolean> {
  if (fileSystem.setAttributes !== undefined) return true;
  const parent = fileSystem.dirname(path);
  try {
    return (await fileSystem.readModes?.([parent]))?.has(parent) ?? false;
  } catch (error) {
    if (!(error instanceof CodexfsError) || hasCode(error, 'connection_closed', 'cancelled')) throw error;
    return true;
  }
}

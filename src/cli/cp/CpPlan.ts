// What one cp has to do, as a sequence of jobs: each operand looked at, given its destination, and a directory opened up into
// what it holds. It copies nothing; the directories of a tree are made here, before their files.

import { fstatSync } from 'node:fs';
import { CodexfsError, FileError, hasCode, UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { type TreeJob, treeJobs } from '../../transfer/copyTree.js';
import { type Endpoint, TransferError } from '../../transfer/Endpoint.js';
import { checkIsFile, destinationOf, type Landing } from '../../transfer/plan.js';
import { refuseTreeInItself } from '../../transfer/treeInItself.js';
import { confined, endpointOf, type FileLocation } from '../operands.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import type { CpOperands } from './cpOperands.js';
import { namesBelow } from './sourceNames.js';

/** How standard input is called in messages. */
export const shownInput = 'standard input';

/** A file to be copied; its size is what it was found with, where that is known without asking for it. */
export type FileJob = Extract<TreeJob, { readonly type: 'file' }> & { readonly sizeBytes?: number | undefined };

/** One step of a cp. All but `directory` and `skipped` are items that count. */
export type CpJob =
  | Exclude<TreeJob, { readonly type: 'failed' | 'file' }>
  | FileJob
  | { readonly type: 'failed'; readonly error: CodexfsError; readonly subject?: string }
  | { readonly type: 'fromInput'; readonly to: Endpoint }
  | { readonly type: 'toOutput'; readonly from: Endpoint };

export class CpPlan implements AsyncDisposable {
  readonly #operands: CpOperands;
  readonly #run: Run;
  /** The destination for what is copied below it; made for the first directory among the sources. */
  #confined: Awaited<ReturnType<typeof confined>> | undefined;
  /** Paths that this run writes: a second source of the same name must not replace the first. */
  readonly #written = new Set<string>();

  constructor(operands: CpOperands, run: Run) {
    this.#operands = operands;
    this.#run = run;
  }

  /** The jobs, in an order in which they can be begun. @throws {CodexfsError} when the destination's server cannot be reached */
  async *jobs(): AsyncGenerator<CpJob, void, void> {
    const { sources, destination } = this.#operands;
    const to = destination.kind === 'stream' ? undefined : await endpointOf(destination, this.#run);
    for (const source of sources) {
      this.#run.signal.throwIfAborted();
      try {
        if (source.kind === 'stream') yield await this.#inputJob(to);
        else if (to === undefined) yield { type: 'toOutput', from: await endpointOf(source, this.#run) };
        else yield* this.#jobsOf(source, to);
      } catch (error) {
        if (!(error instanceof CodexfsError) || error instanceof UsageError || hasCode(error, 'cancelled')) throw error;
        yield { type: 'failed', error, subject: source.word };
      }
    }
  }

  /** To be called when all jobs are done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#confined?.[Symbol.asyncDispose]();
  }

  async #inputJob(to: Endpoint | undefined): Promise<CpJob> {
    if (to === undefined) throw new Error('standard input was not refused for standard output');
    refuseDirectoryAsInput(to);
    return { type: 'fromInput', to: await this.#landingOf(to, { kind: 'file', names: [] }, shownInput) };
  }

  async *#jobsOf(source: FileLocation, to: Endpoint): AsyncGenerator<CpJob, void, void> {
    const from = await endpointOf(source, this.#run);
    const info = await onSide('source', from, to, () => this.#look(from));
    const names = namesBelow(source, from, info.kind === 'directory', this.#operands.keepsParents);
    if (info.kind !== 'directory') {
      const { sizeBytes } = info;
      yield { type: 'file', from, to: await this.#landingOf(to, { kind: 'file', names }, from.shown), sizeBytes };
      return;
    }
    this.#confined ??= await confined(to);
    const landing = await this.#landingOf(this.#confined, { kind: 'directory', names }, from.shown);
    const place = { ...landing, fileSystem: to.fileSystem };
    await onSide('source', from, landing, () => refuseTreeInItself(from, place, { signal: this.#run.signal }));
    this.#noteNesting(to, landing, from);
    if (landing.path === to.path) this.#run.continueWith?.noteCopyItself();
    const { links } = this.#operands;
    for await (const job of treeJobs(from, landing, { links, signal: this.#run.signal })) yield this.#once(job);
  }

  /** What the source is, if it is something that is copied. */
  #look(from: Endpoint): Promise<FileInfo> {
    const options = { signal: this.#run.signal };
    return this.#operands.isRecursive
      ? from.fileSystem.stat(from.path, options).then(refuseSpecial(from))
      : checkIsFile(from, options);
  }

  async #landingOf(to: Endpoint, source: Landing, shownFrom: string): Promise<Endpoint> {
    const rule = { signal: this.#run.signal, directory: this.#operands.directory };
    return onSide('destination', { shown: shownFrom }, to, async () => {
      const landing = await destinationOf(to, source, rule);
      if (source.kind === 'file') this.#claim(landing, source.names.at(-1) ?? '');
      return landing;
    });
  }

  /** A file that an earlier operand put there is not replaced. */
  #once(job: TreeJob): CpJob {
    if (job.type !== 'file') return job;
    try {
      this.#claim(job.to, job.to.fileSystem.basename(job.to.path));
      return job;
    } catch (cause) {
      if (!(cause instanceof CodexfsError)) throw cause;
      return { type: 'failed', error: sideError('destination', job.from, job.to, cause) };
    }
  }

  #claim(landing: Endpoint, name: string): void {
    if (this.#operands.sources.length === 1) return;
    if (this.#written.has(landing.path)) {
      throw new CodexfsError('refused', `holds \`${name}\` from an earlier operand, which is not replaced`);
    }
    this.#written.add(landing.path);
  }

  /** `cp -r build out/build` for the second time makes out/build/build, as cp does, and seldom as was meant. */
  #noteNesting(to: Endpoint, landing: Endpoint, from: Endpoint): void {
    if (this.#operands.directory !== 'ifThere' || landing.path === to.path) return;
    if (to.fileSystem.basename(to.path) !== from.fileSystem.basename(from.path)) return;
    const note = `${show(to.shown)} is there already, so the copy is ${show(landing.shown)}; with -T it would be ${show(to.shown)}`;
    this.#run.note(`codexfs: ${this.#run.command}: note: ${note}`);
  }
}

function refuseSpecial(from: Endpoint): (info: FileInfo) => FileInfo {
  return (info) => {
    if (info.kind === 'other') throw new FileError('not_regular_file', 'open', from.path, 'not a regular file');
    return info;
  };
}

/** Node reads a directory as if it were an empty file. */
function refuseDirectoryAsInput(to: Endpoint): void {
  if (!fstatSync(0).isDirectory()) return;
  const cause = new FileError('is_directory', 'read', shownInput, 'is a directory');
  throw sideError('source', { shown: shownInput }, to, cause);
}

/** Runs `work` and makes its failure one of that end of the copy. */
async function onSide<T>(side: TransferError['side'], from: Shown, to: Shown, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof CodexfsError)) throw cause;
    throw sideError(side, from, to, cause);
  }
}

type Shown = Pick<Endpoint, 'shown'>;

function sideError(side: TransferError['side'], from: Shown, to: Shown, cause: CodexfsError): TransferError {
  return new TransferError({ from: from.shown, to: to.shown, side, partial: undefined, cause });
}

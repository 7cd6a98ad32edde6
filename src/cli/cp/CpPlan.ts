// What one cp has to do, as a sequence of jobs: each operand looked at, given its destination, and a directory opened up into
// what it holds. It copies nothing; the directories of a tree are made here, before their files.

import { fstatSync } from 'node:fs';
import { CodexfsError, FileError, hasCode, UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { limits } from '../../protocol/limits.js';
import { type TreeJob, treeJobs } from '../../transfer/copyTree.js';
import { Directories } from '../../transfer/Directories.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { mapAhead } from '../../transfer/inParallel.js';
import { onSide, sideError } from '../../transfer/onSide.js';
import { checkIsFile, destinationOf, type Landing, landingIn } from '../../transfer/plan.js';
import { seenFile } from '../../transfer/seenFile.js';
import { refuseTreeInItself } from '../../transfer/treeInItself.js';
import { confined, endpointOf, type FileLocation, type Operand } from '../operands.js';
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
  | { readonly type: 'skipped'; readonly reason: 'excluded'; readonly from: Endpoint }
  /** The destination is up to date. */
  | { readonly type: 'current'; readonly to: Endpoint }
  | { readonly type: 'fromInput'; readonly to: Endpoint }
  | { readonly type: 'toOutput'; readonly from: Endpoint };

/** A step that moves bytes. */
export type CopyJob = Extract<CpJob, { type: 'file' | 'fromInput' | 'toOutput' }>;

/** A source that is there. */
interface Found {
  readonly type: 'found';
  readonly source: FileLocation;
  readonly from: Endpoint;
  readonly info: FileInfo;
}

/** Where the jobs of a run come from. To be disposed of when all of them are done. */
export interface JobPlan extends AsyncDisposable {
  /** The jobs, in an order in which they can be begun. @throws {CodexfsError} when there can be none */
  jobs(): AsyncGenerator<CpJob, void, void>;
}

export class CpPlan implements JobPlan {
  readonly #operands: CpOperands;
  readonly #run: Run;
  /** The destination for what is copied below it; made for the first directory among the sources. */
  #confined: Awaited<ReturnType<typeof confined>> | undefined;
  /** Paths that this run writes: a second source of the same name must not replace the first. */
  readonly #written = new Set<string>();
  readonly #directories: Directories;
  /** Whether the destination is known to be a directory. */
  #receives = false;

  /** `directories` are those that it makes. */
  constructor(operands: CpOperands, run: Run, directories = new Directories()) {
    this.#operands = operands;
    this.#run = run;
    this.#directories = directories;
  }

  async *jobs(): AsyncGenerator<CpJob, void, void> {
    const { sources, destination } = this.#operands;
    const to = destination.kind === 'stream' ? undefined : await endpointOf(destination, this.#run);
    const looked = mapAhead(sources, limits.statsInFlight, (source) => this.#lookAt(source, to));
    for await (const one of looked) {
      this.#run.signal.throwIfAborted();
      if (one.type !== 'found') yield one;
      else if (to !== undefined) yield* this.#guarded(one, to);
    }
  }

  /** The jobs of one source; its failure ends nothing. */
  async *#guarded(found: Found, to: Endpoint): AsyncGenerator<CpJob, void, void> {
    try {
      yield* this.#jobsOf(found, to);
    } catch (error) {
      yield { type: 'failed', error: failureOfItem(error), subject: found.source.word };
    }
  }

  async #lookAt(source: Operand, to: Endpoint | undefined): Promise<Found | CpJob> {
    try {
      if (source.kind === 'stream') return await this.#inputJob(to);
      const from = await endpointOf(source, this.#run);
      if (to === undefined) return { type: 'toOutput', from };
      const info = await onSide('source', from, to, () => this.#look(from));
      return { type: 'found', source, from, info };
    } catch (error) {
      return { type: 'failed', error: failureOfItem(error), subject: source.word };
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

  async *#jobsOf({ source, from, info }: Found, to: Endpoint): AsyncGenerator<CpJob, void, void> {
    const isTree = info.kind === 'directory';
    const { keepsParents, isDryRun } = this.#operands;
    const names = source.listed ?? namesBelow(source, from, isTree, keepsParents);
    if (!this.#isWanted(source, names, info.kind)) {
      yield { type: 'skipped', reason: 'excluded', from };
      return;
    }
    if (!isTree) {
      const directory = source.listed === undefined ? to : await this.#below(to);
      const landing = await this.#landingOf(directory, { kind: 'file', names }, from.shown);
      const seen = seenFile(info);
      yield {
        type: 'file',
        from,
        to: landing,
        sizeBytes: info.sizeBytes,
        seen: () => seen,
        isNew: landing.isFree ?? false,
      };
      return;
    }
    const landing = await this.#landingOf(await this.#below(to), { kind: 'directory', names }, from.shown);
    const place = { ...landing, fileSystem: to.fileSystem };
    const options = { signal: this.#run.signal, isDryRun };
    const realRoot = await onSide('source', from, landing, () => refuseTreeInItself(from, place, options));
    this.#noteNesting(to, landing, from);
    if (landing.path === to.path) this.#run.continueWith?.noteCopyItself();
    yield* this.#treeJobs({ from, to: landing, realRoot }, source.listed ?? []);
  }

  async #below(to: Endpoint): Promise<Endpoint> {
    this.#confined ??= await confined(to);
    return this.#confined;
  }

  /** Whether a source is wanted: by its own name, or where it is below what is selected from. */
  #isWanted({ listed }: FileLocation, names: readonly string[], kind: FileInfo['kind']): boolean {
    const { selection } = this.#operands;
    if (selection === undefined) return true;
    if (listed !== undefined) return selection.isWanted(listed, kind);
    const name = names.at(-1);
    return name === undefined || selection.isWantedOperand(name, kind);
  }

  /** The jobs of the tree `from`, which `above` leads to from the root of what is selected from. */
  async *#treeJobs(
    { from, to, realRoot }: { readonly from: Endpoint; readonly to: Endpoint; readonly realRoot: string | undefined },
    above: readonly string[],
  ): AsyncGenerator<CpJob, void, void> {
    const { links, selection } = this.#operands;
    const isWanted =
      selection &&
      ((names: readonly string[], kind: FileInfo['kind']) => selection.isWanted([...above, ...names], kind));
    const options = { links, isWanted, realRoot, signal: this.#run.signal, directories: this.#directories };
    for await (const job of treeJobs(from, to, options)) yield this.#once(job);
  }

  /** What the source is, if it is something that is copied. */
  #look(from: Endpoint): Promise<FileInfo> {
    const options = { signal: this.#run.signal };
    return this.#operands.isRecursive
      ? from.fileSystem.stat(from.path, options).then(refuseSpecial(from))
      : checkIsFile(from, options);
  }

  async #landingOf(to: Endpoint, source: Landing, shownFrom: string): Promise<Endpoint> {
    const { directory, sources } = this.#operands;
    const rule = { signal: this.#run.signal, directory, directories: this.#directories };
    return onSide('destination', { shown: shownFrom }, to, async () => {
      const landing = await (this.#receives ? landingIn : destinationOf)(to, source, rule);
      // Nobody looks again at a directory that received one of several sources.
      this.#receives = directory === 'always' && sources.length > 1;
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

/** @throws what is no failure of one source */
function failureOfItem(error: unknown): CodexfsError {
  if (!(error instanceof CodexfsError) || error instanceof UsageError || hasCode(error, 'cancelled')) throw error;
  return error;
}

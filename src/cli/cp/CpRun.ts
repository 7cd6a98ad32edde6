// Does the jobs of one cp, several files at a time. A failed item does not stop the rest, unless nothing after it could succeed or
// the user wants no more than so many failures.

import { statSync } from 'node:fs';
import { type CodexfsError, hasCode } from '../../errors.js';
import { LocalFileSystem } from '../../fs/LocalFileSystem.js';
import { limits } from '../../protocol/limits.js';
import { BytesInFlight } from '../../transfer/BytesInFlight.js';
import { copyFromStream, copyToStream } from '../../transfer/copyStream.js';
import { distanceOf, type Endpoint, TransferError } from '../../transfer/Endpoint.js';
import { type FileCounts, FilesInFlight, manyFiles } from '../../transfer/FilesInFlight.js';
import { forEachInParallel } from '../../transfer/inParallel.js';
import type { RetriedResult } from '../../transfer/retries.js';
import { takeAhead } from '../../transfer/takeAhead.js';
import { hostOf } from '../operands.js';
import { formatSize } from '../quantities.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import { type CopyJob, type CpJob, type FileJob, type JobPlan, shownInput } from './CpPlan.js';
import type { CpOperands } from './cpOperands.js';
import type { DryRun } from './DryRun.js';
import type { FileCopier } from './FileCopier.js';

/** Failures of a connection: every file behind it would meet the same. */
const connectionCodes = [
  'connect_failed',
  'authentication_failed',
  'handshake_failed',
  'connection_closed',
  'timeout',
  'protocol_violation',
] as const;

/** Failures of a destination that a smaller file would meet as well. */
const fullCodes = ['no_space', 'quota_exceeded', 'read_only_file_system'] as const;

/** Failures of a destination that is to receive several files and is no directory. */
const noDirectoryCodes = ['not_found', 'not_directory'] as const;

export interface CpParts {
  readonly operands: CpOperands;
  readonly plan: JobPlan;
  readonly files: FileCopier;
  /** Given, everything is only told. */
  readonly dryRun: DryRun | undefined;
}

export class CpRun {
  readonly #operands: CpOperands;
  readonly #run: Run;
  readonly #files: FileCopier;
  readonly #plan: JobPlan;
  readonly #dryRun: DryRun | undefined;
  readonly #inFlight: FilesInFlight;
  readonly #wholeFiles: BytesInFlight;
  #foundCount = 0;
  /** What nothing after it could get past. */
  #endedBy: CodexfsError | undefined;
  /** Whether there were as many failures as the user wants to see. */
  #isEnough = false;

  constructor({ operands, plan, files, dryRun }: CpParts, run: Run) {
    this.#operands = operands;
    this.#files = files;
    this.#run = run;
    this.#dryRun = dryRun;
    this.#plan = plan;
    this.#inFlight = new FilesInFlight(filesAtATime(operands, run), files.windowBytes);
    const { windowBytes = limits.windowBytes } = files;
    this.#wholeFiles = new BytesInFlight(Math.min(windowBytes, limits.smallBytesInFlight));
  }

  /** @throws {CodexfsError} the failure that ended the run before its last item */
  async copyAll(): Promise<void> {
    await using _plan = this.#plan;
    const jobs = takeAhead(this.#counted(this.#plan.jobs()), limits.jobsAhead);
    try {
      // Small files hold no handle, so there may be many of them, unless the user wants fewer files at a time.
      const itemsAtATime = this.#operands.jobs ?? limits.smallFilesInFlight;
      await forEachInParallel(this.#untilEnough(jobs), itemsAtATime, (job) => this.#do(job));
    } catch (error) {
      if (this.#endedBy !== undefined) this.#run.notAttempted();
      throw error;
    }
    if (this.#isEnough) this.#run.notAttempted();
  }

  /** Counts the items as they are found, where the operands do not say how many there are. */
  async *#counted(jobs: AsyncGenerator<CpJob, void, void>): AsyncGenerator<CpJob, void, void> {
    const { isCounted, sources } = this.#operands;
    this.#run.expectItems(isCounted ? sources.length : 0, isCounted);
    for await (const job of jobs) {
      if (!isCounted && isItem(job)) this.#run.expectItems(++this.#foundCount, false);
      const sized = job.type === 'file' && this.#run.progress.wantsSizes ? withSize(job) : job;
      if (isItem(sized)) this.#run.found(sizeOf(sized));
      yield sized;
    }
    if (!isCounted) this.#run.expectItems(this.#foundCount);
  }

  async *#untilEnough(jobs: AsyncGenerator<CpJob, void, void>): AsyncGenerator<CpJob, void, void> {
    for await (const job of jobs) {
      if (this.#isEnough || this.#endedBy !== undefined) return;
      yield job;
    }
  }

  async #do(job: CpJob): Promise<void> {
    if (job.type === 'directory') this.#madeDirectory(job);
    else if (job.type === 'skipped') this.#run.skipped(job.from.shown, job.reason);
    else if (job.type === 'current' || job.type === 'failed') {
      this.#run.watch('')[Symbol.dispose]();
      if (job.type === 'current') this.#run.current(job.to.shown);
      else this.#failed(job.error, job.subject);
    } else await this.#attempt(job).catch((error: unknown) => this.#failed(error));
  }

  #madeDirectory({ from, to }: Extract<CpJob, { type: 'directory' }>): void {
    // A plan has told of those that are missing.
    if (this.#dryRun !== undefined) this.#run.tally.directoryCount++;
    else this.#run.madeDirectory(from.shown, to.shown);
  }

  /** Copies one item and notes that it is in place. */
  async #attempt(job: CopyJob): Promise<void> {
    if (this.#dryRun !== undefined) return this.#foresee(job, this.#dryRun);
    const copied = await this.#copy(job);
    if (copied === undefined) return;
    const { bytes, attempts } = copied;
    this.#run.done(bytes);
    const from = job.type === 'fromInput' ? shownInput : job.from.shown;
    const to = job.type === 'toOutput' ? 'standard output' : job.to.shown;
    if (this.#run.options.verbose && job.type !== 'toOutput')
      this.#run.note(
        `${show(from)} -> ${show(to)} (${formatSize(bytes)}${attempts === 1 ? '' : `, attempt ${attempts}`})`,
      );
    await this.#run.record({ type: 'copied', from, to, sizeBytes: bytes, attempts });
  }

  async #foresee(job: CopyJob, dryRun: DryRun): Promise<void> {
    const distanceMs = job.type === 'file' ? () => distanceOf(job.from, job.to) : undefined;
    const bytes = await this.#inFlight.run(() => dryRun.copy(job), distanceMs);
    if (bytes !== undefined) this.#run.done(bytes);
  }

  /** Resolves with what was copied; undefined when the destination is left as it is. */
  async #copy(job: CopyJob): Promise<RetriedResult | undefined> {
    const windowBytes = this.#inFlight.shareBytes;
    if (job.type === 'file') {
      const placed = await this.#files.copy(job, {
        windowBytes,
        seen: job.seen?.(),
        isDestinationNew: job.isNew,
        whenThereIsRoom: (work) => this.#inFlight.run(work, () => distanceOf(job.from, job.to)),
        wholeFiles: this.#wholeFiles,
      });
      if (placed.type === 'copied') return placed;
      this.#run.kept(job.to.shown);
      return undefined;
    }
    const [name, shown] = job.type === 'fromInput' ? [shownInput, job.to.shown] : [nameOf(job.from), undefined];
    using file = this.#run.watch(name);
    const options = { ...this.#files.options(file, shown), windowBytes };
    const copy = () =>
      job.type === 'fromInput'
        ? copyFromStream(process.stdin, shownInput, job.to, options)
        : copyToStream(job.from, this.#run.output.sink, options);
    const { bytes } = await this.#inFlight.run(copy);
    return { bytes, attempts: 1 };
  }

  /** Tells a failure, and ends the run where that is due. @throws the failure then, and what is no failure of one item */
  #failed(error: unknown, subject?: string): void {
    if (this.#endedBy !== undefined) {
      this.#run.failedWithRun(error);
      throw error;
    }
    const failure = this.#run.failed(error, subject);
    if (this.#run.tally.failedCount >= this.#operands.maxErrors) this.#isEnough = true;
    if (!this.#endsRun(failure)) return;
    this.#endedBy = failure;
    throw failure;
  }

  #endsRun(error: CodexfsError): boolean {
    const isDestination = error instanceof TransferError && error.side === 'destination';
    if (isDestination && hasCode(error, ...fullCodes)) return true;
    const { isRecursive, directory } = this.#operands;
    if (isDestination && !isRecursive && directory === 'always' && hasCode(error, ...noDirectoryCodes)) return true;
    if (!hasCode(error, ...connectionCodes)) return false;
    const hosts = new Set(this.#operands.sources.map((source) => hostOf(source, this.#run.registry)));
    return isDestination || hosts.size === 1;
  }
}

/** Each file has one handle on each side, and up to three where both sides are one server; some are left for other uses. */
function filesAtATime({ jobs, sources, destination }: CpOperands, run: Run): FileCounts {
  const toHost = hostOf(destination, run.registry);
  const isWithinHost = sources.some((source) => hostOf(source, run.registry) === toHost);
  const handles = isWithinHost ? Math.floor(manyFiles.most / 3) : manyFiles.most;
  return { first: Math.min(jobs ?? manyFiles.first, handles), most: Math.min(jobs ?? handles, handles) };
}

function nameOf({ fileSystem, path }: Endpoint): string {
  return fileSystem.basename(path);
}

/** The size of a file of this host costs a system call and no request. */
function withSize(job: FileJob): FileJob {
  if (job.sizeBytes !== undefined || !(job.from.fileSystem instanceof LocalFileSystem)) return job;
  const stats = statSync(job.from.path, { throwIfNoEntry: false });
  if (stats === undefined) return job;
  const seen = { sizeBytes: stats.size, modifiedAtMs: stats.mtimeMs };
  return { ...job, sizeBytes: seen.sizeBytes, seen: () => seen };
}

function sizeOf(job: CpJob): number | undefined {
  return job.type === 'file' ? job.sizeBytes : undefined;
}

function isItem({ type }: CpJob): boolean {
  return type !== 'directory' && type !== 'skipped';
}

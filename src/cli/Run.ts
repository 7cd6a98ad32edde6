// One run of one command: what it may use, and what has become of its items so far.

import { CodexfsError, hasCode, UsageError } from '../errors.js';
import type { Registry } from '../remotes/registry.js';
import type { CopyOptions } from '../transfer/copyFile.js';
import { type PartialFile, TransferError } from '../transfer/Endpoint.js';
import type { Connections } from './Connections.js';
import type { ContinueCommand } from './cp/ContinueCommand.js';
import { errorLines, partialLines } from './errorText.js';
import { exitStatusOfRun } from './exitStatus.js';
import type { GlobalOptions } from './globalOptions.js';
import { noteBytesMoved } from './heap.js';
import type { Output } from './Output.js';
import { type FileProgress, noProgress, type Progress } from './progress/Progress.js';
import { counted, formatSize } from './quantities.js';
import { show } from './show.js';

export interface RunParts {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly registry: Registry;
  readonly connections: Connections;
  /** Aborts when the user interrupts, or nobody reads stdout any more. */
  readonly signal: AbortSignal;
}

/** A copy that is shown while it is under way. */
export interface WatchedFile {
  /** For that copy. */
  readonly options: CopyOptions;
  /** The copy is over, well or not. */
  end(): void;
}

export class Run {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly registry: Registry;
  readonly connections: Connections;
  readonly signal: AbortSignal;
  readonly startedAt = performance.now();
  progress: Progress = noProgress;
  /** The command that goes on where this one is interrupted, if there is one. */
  continueWith: ContinueCommand | undefined;
  #itemCount = 0;
  #isCountFinal = true;
  #doneCount = 0;
  #doneBytes = 0;
  #directoryCount = 0;
  #skippedCount = 0;
  /** Of those that were skipped, the items that are in place. */
  #keptCount = 0;
  #partialCount = 0;
  readonly #failures: CodexfsError[] = [];
  #endedBy: CodexfsError | undefined;
  /** The destinations that are being written, for when there is no time to ask them how much they hold. */
  readonly #writing = new Map<FileProgress, PartialFile>();
  readonly #interruptedFiles: PartialFile[] = [];
  #isInterruptionTold = false;

  constructor(parts: RunParts) {
    this.command = parts.command;
    this.options = parts.options;
    this.output = parts.output;
    this.registry = parts.registry;
    this.connections = parts.connections;
    this.signal = parts.signal;
  }

  /** How many items the command is about so far; 0 where nobody counts. */
  get itemCount(): number {
    return this.#itemCount;
  }
  get doneCount(): number {
    return this.#doneCount;
  }
  get doneBytes(): number {
    return this.#doneBytes;
  }
  get failedCount(): number {
    return this.#failures.length;
  }
  get directoryCount(): number {
    return this.#directoryCount;
  }
  get skippedCount(): number {
    return this.#skippedCount;
  }
  /** How many of the failed items left an incomplete file. */
  get partialCount(): number {
    return this.#partialCount;
  }
  get exitStatus(): number {
    const doneCount = this.#doneCount + this.#keptCount;
    return exitStatusOfRun({ doneCount, failures: this.#failures, endedBy: this.#endedBy });
  }

  /** The command is about `count` items; `isFinal` is false while there may be more. */
  expectItems(count: number, isFinal = true): void {
    this.#itemCount = count;
    this.#isCountFinal = isFinal;
    this.progress.expectFiles(count, isFinal);
  }

  /**
   * Begins to show the copy of a file called `name`, and keeps what a hasty end would have to say of its destination,
   * where it has one.
   */
  watch(name: string, shownDestination?: string): WatchedFile {
    const progress = this.progress.begin(name);
    let [bytes, sizeBytes]: [number, number | undefined] = [0, undefined];
    const note = () => {
      if (shownDestination === undefined) return;
      this.#writing.set(progress, { state: 'partial', shown: shownDestination, bytes, totalBytes: sizeBytes });
    };
    const options: CopyOptions = {
      signal: this.signal,
      onStart: (totalBytes, presentBytes) => {
        progress.expect(totalBytes === undefined ? undefined : totalBytes - presentBytes);
        [bytes, sizeBytes] = [presentBytes, totalBytes];
        note();
      },
      onProgress: (moved) => {
        progress.advance(moved);
        noteBytesMoved(moved);
        bytes += moved;
        note();
      },
    };
    const end = () => {
      progress.end();
      this.#writing.delete(progress);
    };
    return { options, end };
  }

  /** An item is in place, or shown. */
  done(bytes = 0): void {
    this.#doneCount++;
    this.#doneBytes += bytes;
  }

  /** A directory is in place. */
  madeDirectory(): void {
    this.#directoryCount++;
  }

  /** Something is left out, for `reason` if that is worth a word. */
  skipped(shown: string, reason?: string): void {
    this.#skippedCount++;
    if (reason !== undefined) this.note(`codexfs: ${this.command}: skipped ${show(shown)}: ${reason}`);
  }

  /** An item is in place as the options want it: what exists is not overwritten. */
  kept(shown: string): void {
    this.#keptCount++;
    this.skipped(shown, this.options.verbose ? 'it exists' : undefined);
  }

  /** A line for stderr beside the progress, that -q leaves out. */
  note(line: string): void {
    this.progress.interject(() => this.output.note(line));
  }

  /**
   * An item failed: tells so, and the rest goes on. `subject` is what it was about, where the error does not say.
   * @throws what is no failure of one item: wrong use, an interruption, a bug
   */
  failed(error: unknown, subject?: string): CodexfsError {
    const failure = this.#failureOfItem(error);
    this.#tell(failure, subject);
    return failure;
  }

  /** An item failed of what has ended the run already: only what it left is told. @throws as `failed` */
  failedWithRun(error: unknown): void {
    const failure = this.#failureOfItem(error);
    const partials = partialsOf(failure);
    this.#note(failure);
    if (partials.length > 0) this.#say(partialLines(partials, this.#lineOptions()));
  }

  /** What is left of the items will not be tried after what was told last. */
  notAttempted(): void {
    const count = this.#restCount();
    if (count > 0)
      this.#say([`codexfs: ${this.command}: ${this.#least()}${counted(count, 'more file')} not attempted`]);
  }

  /** Tells the failure that ended the whole run; it is the last one. */
  ended(error: CodexfsError): void {
    this.#endedBy = error;
    if (!this.#failures.includes(error)) this.#tell(error);
  }

  /** Tells what an interruption left. Idempotent: the orderly end and the last words may both come here. */
  tellInterrupted(): void {
    this.progress.end();
    if (this.#isInterruptionTold) return;
    this.#isInterruptionTold = true;
    const files = counted(this.#itemCount, 'file');
    const share = this.#itemCount === 0 ? '' : `: ${this.#doneCount} of ${this.#least()}${files} done`;
    const bytes = this.#doneBytes === 0 ? '' : ` (${formatSize(this.#doneBytes)})`;
    const settled = partialLines(this.#interruptedFiles, this.#lineOptions());
    const hasty = partialLines([...this.#writing.values()], { ...this.#lineOptions(), isLeast: true });
    const untouched = this.#itemCount > 1 ? this.#restCount() - this.#writing.size : 0;
    const rest = untouched > 0 ? [`  untouched: ${this.#least()}${counted(untouched, 'file')}`] : [];
    const hasPartial = settled.length + hasty.length > 0;
    const wayOn = hasPartial && this.continueWith !== undefined ? [`  continue with: ${this.continueWith}`] : [];
    this.output.error([`codexfs: interrupted${share}${bytes}`, ...settled, ...hasty, ...rest, ...wayOn]);
  }

  /** @throws what is no failure of one item */
  #failureOfItem(error: unknown): CodexfsError {
    if (!(error instanceof CodexfsError) || error instanceof UsageError) throw error;
    if (this.output.stdoutFailure !== undefined) throw this.output.stdoutFailure;
    if (!hasCode(error, 'cancelled')) return error;
    this.#interruptedFiles.push(...partialsOf(error));
    throw error;
  }

  #tell(error: CodexfsError, subject?: string): void {
    this.#note(error);
    this.#say(errorLines(error, { ...this.#lineOptions(), subject }));
  }

  #note(failure: CodexfsError): void {
    this.#failures.push(failure);
    this.#partialCount += partialsOf(failure).length;
  }

  #say(lines: readonly string[]): void {
    this.progress.interject(() => this.output.error(lines));
  }

  /** Items that were not begun, as far as they are counted. */
  #restCount(): number {
    return this.#itemCount - this.#doneCount - this.#keptCount - this.#failures.length - this.#interruptedFiles.length;
  }

  #least(): string {
    return this.#isCountFinal ? '' : 'at least ';
  }

  #lineOptions() {
    return { command: this.command, isVerbose: this.options.verbose, areSizesRounded: this.#itemCount > 1 };
  }
}

/** The file that `error` left incomplete, if it did. */
function partialsOf(error: CodexfsError): PartialFile[] {
  const partial = error instanceof TransferError ? error.partial : undefined;
  return partial === undefined || partial.state === 'intact' ? [] : [partial];
}

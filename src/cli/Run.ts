// One run of one command: what it may use, and what has become of its items so far.

import { CodexfsError, hasCode, UsageError } from '../errors.js';
import type { Registry } from '../remotes/registry.js';
import type { CopyOptions } from '../transfer/copyFile.js';
import { type PartialFile, TransferError } from '../transfer/Endpoint.js';
import type { Connections } from './Connections.js';
import { errorLines, partialLines } from './errorText.js';
import { exitStatusOfRun } from './exitStatus.js';
import type { GlobalOptions } from './globalOptions.js';
import { noteBytesMoved } from './heap.js';
import type { Output } from './Output.js';
import { noProgress, type Progress } from './Progress.js';
import { counted, formatSize } from './quantities.js';

export interface RunParts {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly registry: Registry;
  readonly connections: Connections;
  /** Aborts when the user interrupts, or nobody reads stdout any more. */
  readonly signal: AbortSignal;
}

export class Run {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly registry: Registry;
  readonly connections: Connections;
  readonly signal: AbortSignal;
  readonly startedAt = performance.now();
  /** How many items the command is about; 0 where nobody counts. */
  itemCount = 0;
  progress: Progress = noProgress;
  #doneCount = 0;
  #doneBytes = 0;
  readonly #failures: CodexfsError[] = [];
  #endedBy: CodexfsError | undefined;
  /** The destination that is being written, for when there is no time to ask it how much it holds. */
  #writing: PartialFile | undefined;
  #interruptedFiles: readonly PartialFile[] = [];
  #isInterruptionTold = false;

  constructor(parts: RunParts) {
    this.command = parts.command;
    this.options = parts.options;
    this.output = parts.output;
    this.registry = parts.registry;
    this.connections = parts.connections;
    this.signal = parts.signal;
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
  get exitStatus(): number {
    return exitStatusOfRun({ doneCount: this.#doneCount, failures: this.#failures, endedBy: this.#endedBy });
  }

  /**
   * Begins to show the copy of a file called `name`, and keeps what a hasty end would have to say of its destination,
   * where it has one. The options are for that copy.
   */
  watch(name: string, shownDestination?: string): CopyOptions {
    const partial = { state: 'partial', bytes: 0, totalBytes: undefined } as const;
    let writing: PartialFile | undefined =
      shownDestination === undefined ? undefined : { ...partial, shown: shownDestination };
    this.progress.begin(name);
    return {
      signal: this.signal,
      onStart: (totalBytes) => {
        this.progress.expect(totalBytes);
        this.#writing = writing &&= { ...writing, totalBytes };
      },
      onProgress: (bytes) => {
        this.progress.advance(bytes);
        noteBytesMoved(bytes);
        this.#writing = writing &&= { ...writing, bytes: writing.bytes + bytes };
      },
    };
  }

  /** The file that was watched is over, well or not. */
  unwatch(): void {
    this.progress.end();
    this.#writing = undefined;
  }

  /** An item is in place, or shown. */
  done(bytes = 0): void {
    this.#doneCount++;
    this.#doneBytes += bytes;
  }

  /**
   * An item failed: tells so, and the rest goes on. `subject` is what it was about, where the error does not say.
   * @throws what is no failure of one item: wrong use, an interruption, a bug
   */
  failed(error: unknown, subject?: string): CodexfsError {
    if (!(error instanceof CodexfsError) || error instanceof UsageError) throw error;
    if (this.output.stdoutFailure !== undefined) throw this.output.stdoutFailure;
    if (hasCode(error, 'cancelled')) {
      if (error instanceof TransferError && error.partial !== undefined) this.#interruptedFiles = [error.partial];
      throw error;
    }
    this.#tell(error, subject);
    return error;
  }

  /** So many items are left, and will not be tried after what was told last. */
  notAttempted(count: number): void {
    if (count > 0) this.output.error([`codexfs: ${this.command}: ${counted(count, 'more file')} not attempted`]);
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
    const share = this.itemCount === 0 ? '' : `: ${this.#doneCount} of ${counted(this.itemCount, 'file')} done`;
    const bytes = this.#doneBytes === 0 ? '' : ` (${formatSize(this.#doneBytes)})`;
    const settled = partialLines(this.#interruptedFiles, this.#lineOptions());
    const unsettled = this.#writing === undefined ? [] : [this.#writing];
    const hasty = partialLines(unsettled, { ...this.#lineOptions(), isLeast: true });
    this.output.error([`codexfs: interrupted${share}${bytes}`, ...settled, ...hasty]);
  }

  #tell(error: CodexfsError, subject?: string): void {
    this.#failures.push(error);
    this.output.error(errorLines(error, { ...this.#lineOptions(), subject }));
  }

  #lineOptions() {
    return { command: this.command, isVerbose: this.options.verbose, areSizesRounded: this.itemCount > 1 };
  }
}

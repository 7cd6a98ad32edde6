// One run of one command: what it may use, and what has become of its items so far.

import { CodexfsError, hasCode, UsageError } from '../errors.js';
import type { RetryNews } from '../remotes/Reconnector.js';
import type { Registry } from '../remotes/registry.js';
import { type PartialFile, TransferError } from '../transfer/Endpoint.js';
import type { Connections } from './Connections.js';
import type { ContinueCommand } from './cp/ContinueCommand.js';
import { errorLines, partialLines } from './errorText.js';
import type { GlobalOptions } from './globalOptions.js';
import type { Output } from './Output.js';
import { noProgress, type Progress } from './progress/Progress.js';
import { counted, formatDuration, formatSize } from './quantities.js';
import type { Records } from './records/Records.js';
import type { JsonRecord } from './records/recordSchemas.js';
import { type Ending, errorRecord, summaryRecord } from './records/runRecords.js';
import { show } from './show.js';
import { Tally } from './Tally.js';
import { WatchedFile } from './WatchedFile.js';

export interface RunParts {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly registry: Registry;
  readonly connections: Connections;
  readonly records: Records;
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
  /** What has become of the items so far. */
  readonly tally = new Tally();
  progress: Progress = noProgress;
  /** The command that goes on where this one is interrupted, if there is one. */
  continueWith: ContinueCommand | undefined;
  readonly #records: Records;
  /** The destinations that are being written, for when there is no time to ask them how much they hold. */
  readonly underWay = new Map<WatchedFile, PartialFile>();
  #isInterruptionTold = false;

  constructor(parts: RunParts) {
    this.command = parts.command;
    this.options = parts.options;
    this.output = parts.output;
    this.registry = parts.registry;
    this.connections = parts.connections;
    this.signal = parts.signal;
    this.#records = parts.records;
  }

  /** The destinations that are being written, with the bytes that are known to be in place. */
  get writing(): readonly PartialFile[] {
    return [...this.underWay.values()];
  }

  /** Writes `record` where --json and --report want it; resolves when there is room for more. Never rejects. */
  record(record: JsonRecord): Promise<void> {
    return this.#records.write(record);
  }

  /** The command is about `count` items; `isFinal` is false while there may be more. */
  expectItems(count: number, isFinal = true): void {
    this.tally.itemCount = count;
    this.tally.isCountFinal = isFinal;
    this.progress.expectFiles(count, isFinal);
  }

  /** One of the items was found, of `sizeBytes` bytes, where that is known. */
  found(sizeBytes: number | undefined): void {
    this.progress.found(sizeBytes);
  }

  /** An item that was found so has its turn. The caller disposes it when it is over. */
  watch(name: string, sizeBytes?: number): WatchedFile {
    return new WatchedFile(this.progress.begin(name, sizeBytes), this);
  }

  /** An item is in place, or shown. */
  done(bytes = 0): void {
    this.tally.doneCount++;
    this.tally.doneBytes += bytes;
  }

  /** A directory is in place. */
  madeDirectory(from: string, to: string): void {
    this.tally.directoryCount++;
    void this.record({ type: 'directory', from, to });
  }

  /** Something is left out, for `reason`. */
  skipped(shown: string, reason: keyof typeof skipReasons): void {
    this.tally.skippedCount++;
    void this.record({ type: 'skipped', location: shown, reason });
    const isWorthWords = reason === 'special' || reason === 'excluded' || this.options.verbose;
    if (isWorthWords) this.note(`codexfs: ${this.command}: skipped ${show(shown)}: ${skipReasons[reason]}`);
  }

  /** An item is in place as the options want it: what exists is not overwritten. */
  kept(shown: string): void {
    this.tally.keptCount++;
    this.skipped(shown, 'kept');
  }

  /** An item is in place already, which is what was hoped for and worth no words. */
  current(shown: string): void {
    this.tally.keptCount++;
    this.tally.skippedCount++;
    void this.record({ type: 'skipped', location: shown, reason: 'current' });
  }

  /** The connection to `remote` was lost, or could not be made, and will be tried again. */
  retrying(remote: string, { attempt, retries, delayMs, error }: RetryNews): void {
    const { code, message } = error;
    void this.record({ type: 'retry', remote, attempt, retries, delayMs, code, message });
    const when = `in ${formatDuration(delayMs)} (${attempt} of ${retries})`;
    this.note(`codexfs: ${this.command}: ${show(remote)}: ${show(message)}; connecting again ${when}`);
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

  /**
   * An item failed of what has ended the run already: only what it left is told. One that has left nothing was not attempted.
   * @throws as `failed`
   */
  failedWithRun(error: unknown): void {
    const failure = this.#failureOfItem(error);
    const partial = failure instanceof TransferError ? failure.partial : undefined;
    if (partial === undefined) return;
    this.#note(failure);
    this.#say(partialLines([partial], this.#lineOptions()));
  }

  /** What is left of the items will not be tried after what was told last. */
  notAttempted(): void {
    const { itemCount, restCount, partialCount } = this.tally;
    const rest = restCount > 0 ? `, ${this.#least()}${restCount} not attempted` : '';
    const share = itemCount > 1 ? [`codexfs: ${this.command}: ${this.#share()}${rest}`] : [];
    this.#say([...share, ...this.#wayOn(partialCount)]);
  }

  /** Tells the failure that ended the whole run; it is the last one. */
  ended(error: CodexfsError): void {
    this.tally.endedBy = error;
    if (!this.tally.failures.includes(error)) this.#tell(error);
  }

  /** Tells what an interruption left. Idempotent: the orderly end and the last words may both come here. */
  tellInterrupted(): void {
    this.progress.end();
    if (this.#isInterruptionTold) return;
    this.#isInterruptionTold = true;
    const { itemCount, doneCount, interrupted, restCount } = this.tally;
    const share = itemCount === 0 ? '' : `: ${this.#share()}`;
    const settled = partialLines(interrupted, this.#lineOptions());
    const hasty = partialLines(this.writing, { ...this.#lineOptions(), isLeast: true });
    const untouched = itemCount > 1 ? restCount - this.underWay.size : 0;
    const rest = untouched > 0 ? [`  untouched: ${this.#least()}${counted(untouched, 'file')}`] : [];
    const wayOn = this.#wayOn(settled.length + hasty.length + doneCount);
    this.output.error([`codexfs: interrupted${share}`, ...settled, ...hasty, ...rest, ...wayOn]);
  }

  /** The run is over: writes the last record. */
  async end(ending: Ending): Promise<void> {
    await this.#records.end(() => summaryRecord(this, ending));
  }

  /** The same at once, where the process does not wait for an orderly end. */
  endNow(ending: Ending): void {
    this.#records.endSync(() => summaryRecord(this, ending));
  }

  /** @throws what is no failure of one item */
  #failureOfItem(error: unknown): CodexfsError {
    if (!(error instanceof CodexfsError) || error instanceof UsageError) throw error;
    if (this.output.stdoutFailure !== undefined) throw this.output.stdoutFailure;
    if (!hasCode(error, 'cancelled')) return error;
    this.tally.interrupt(error);
    throw error;
  }

  #tell(error: CodexfsError, subject?: string): void {
    this.#note(error, subject);
    this.#say(errorLines(error, { ...this.#lineOptions(), subject }));
  }

  #note(failure: CodexfsError, subject?: string): void {
    this.tally.fail(failure);
    void this.record(errorRecord(failure, subject));
  }

  #say(lines: readonly string[]): void {
    this.progress.interject(() => this.output.error(lines));
  }

  /** The command that goes on, where there is something to go on with. */
  #wayOn(partialCount: number): string[] {
    return partialCount > 0 && this.continueWith !== undefined ? [`  continue with: ${this.continueWith}`] : [];
  }

  /** `141 of 219 files done (1.24 GiB)` */
  #share(): string {
    const { itemCount, doneCount, doneBytes } = this.tally;
    const bytes = doneBytes === 0 ? '' : ` (${formatSize(doneBytes)})`;
    return `${doneCount} of ${this.#least()}${counted(itemCount, 'file')} done${bytes}`;
  }

  #least(): string {
    return this.tally.isCountFinal ? '' : 'at least ';
  }

  #lineOptions() {
    const { command, options, tally } = this;
    return { command, isVerbose: options.verbose, areSizesRounded: tally.itemCount > 1 };
  }
}

const skipReasons = {
  kept: 'left as it is',
  special: 'not a regular file',
  link: 'a symbolic link',
  excluded: 'excluded',
} as const;

// What a run tells in records: its failures, and how all of it ended.

import { type CodexfsError, FileError } from '../../errors.js';
import { type PartialFile, TransferError } from '../../transfer/Endpoint.js';
import type { Tally } from '../Tally.js';
import { wayOut } from '../wayOut.js';
import type { JsonRecord, PartialRecord, SummaryRecord } from './recordSchemas.js';

/** A failure; `subject` is what it is about, where the error does not say. */
export function errorRecord(error: CodexfsError, subject?: string): JsonRecord {
  const copy = error instanceof TransferError ? error : undefined;
  return {
    type: 'error',
    location: subject ?? copy?.about ?? (error instanceof FileError ? error.path : null),
    from: copy?.from ?? null,
    to: copy?.to ?? null,
    code: error.code,
    message: error.message,
    hint: wayOut(error) ?? null,
    attempts: copy?.attempts ?? 1,
  };
}

/** What of a run its summary tells. */
export interface RunFacts {
  readonly command: string;
  readonly tally: Tally;
  /** The destinations that are still being written, with the bytes that are known to be in place. */
  readonly writing: readonly PartialFile[];
  readonly continueWith: { toString(): string } | undefined;
  /** By the clock of `performance`. */
  readonly startedAt: number;
}

export interface Ending {
  readonly exitStatus: number;
  readonly signal: NodeJS.Signals | undefined;
}

/** How `run` ended. Of a file that is still being written nobody can say how much it will hold. */
export function summaryRecord(run: RunFacts, { exitStatus, signal }: Ending): SummaryRecord {
  const { tally } = run;
  const hasty = run.writing.map((partial) => ({ ...partialRecord(partial), state: 'unknown' as const, bytes: null }));
  const partials = [...tally.partials.map(partialRecord), ...hasty];
  const canGoOn = exitStatus !== 0 && partials.some(({ state }) => state !== 'intact');
  return {
    type: 'summary',
    command: run.command,
    exitStatus,
    signal: signal ?? null,
    isInterrupted: signal !== undefined,
    itemCount: tally.isCountFinal && tally.itemCount > 0 ? tally.itemCount : null,
    doneCount: tally.doneCount,
    doneBytes: tally.doneBytes,
    directoryCount: tally.directoryCount,
    skippedCount: tally.skippedCount,
    failedCount: tally.failedCount,
    partials,
    continueWith: (canGoOn && run.continueWith?.toString()) || null,
    startedAt: new Date(Date.now() - elapsedMs(run)).toISOString(),
    elapsedMs: elapsedMs(run),
  };
}

function partialRecord({ shown, state, bytes, totalBytes }: PartialFile): PartialRecord {
  return { path: shown, state, bytes, totalBytes: totalBytes ?? null };
}

function elapsedMs({ startedAt }: RunFacts): number {
  return Math.round(performance.now() - startedAt);
}

// What has become of the items of a run so far: how many, how much, what failed, and which files were left incomplete. It
// tells nobody.

import type { CodexfsError } from '../errors.js';
import { type PartialFile, TransferError } from '../transfer/Endpoint.js';
import { exitStatusOfRun, type RunOutcome } from './exitStatus.js';

export class Tally {
  /** How many items the command is about so far; 0 where nobody counts. */
  itemCount = 0;
  /** Whether there will be no more of them. */
  isCountFinal = true;
  doneCount = 0;
  doneBytes = 0;
  /** Bytes that came into place, again and in vain included; those that were there before are none of them. */
  movedBytes = 0;
  directoryCount = 0;
  skippedCount = 0;
  /** Of those that were skipped, the items that are in place. */
  keptCount = 0;
  readonly failures: CodexfsError[] = [];
  /** The failure after which the rest was not attempted. */
  endedBy: CodexfsError | undefined;
  /** What makes the exit status of the outcome; a command whose statuses mean something else has a rule of its own. */
  statusRule: (outcome: RunOutcome) => number = exitStatusOfRun;
  /** The destinations that an interruption left incomplete, one for each item that was under way. */
  readonly interrupted: PartialFile[] = [];

  fail(failure: CodexfsError): void {
    this.failures.push(failure);
  }

  interrupt(failure: CodexfsError): void {
    const partial = partialOf(failure);
    if (partial !== undefined) this.interrupted.push(partial);
  }

  get failedCount(): number {
    return this.failures.length;
  }

  /** The destinations that were opened and are not complete, untouched ones included. */
  get partials(): PartialFile[] {
    return [...this.failures.flatMap((failure) => partialOf(failure) ?? []), ...this.interrupted];
  }

  /** How many files were left incomplete. */
  get partialCount(): number {
    return this.partials.filter(isIncomplete).length;
  }

  /** Items that were not begun, as far as they are counted. */
  get restCount(): number {
    const interruptedCount = this.interrupted.filter(isIncomplete).length;
    return this.itemCount - this.doneCount - this.keptCount - this.failedCount - interruptedCount;
  }

  get exitStatus(): number {
    const doneCount = this.doneCount + this.keptCount;
    return this.statusRule({ doneCount, failures: this.failures, endedBy: this.endedBy });
  }
}

/** The file that `error` says it left. */
function partialOf(error: CodexfsError): PartialFile | undefined {
  return error instanceof TransferError ? error.partial : undefined;
}

/** Whether the file is not what it was and not complete either. */
export function isIncomplete({ state }: PartialFile): boolean {
  return state !== 'intact';
}

// The last line of a run that copies.

import { counted, formatDuration, formatRate, formatSize } from '../quantities.js';
import type { Run } from '../Run.js';
import type { Tally } from '../Tally.js';

export interface EndFacts {
  /** Whether nothing was done. */
  readonly isDryRun: boolean;
  /** For a sync, how much was removed. */
  readonly deletedCount?: number;
}

/** `copied 219 files, 2.00 GiB in 24s (83.1 MiB/s)`: for who watches a terminal, waited long, or asked for words. */
export function tellEnd(run: Run, { isDryRun, deletedCount }: EndFacts): void {
  const { startedAt, tally } = run;
  const { doneCount, doneBytes, movedBytes, directoryCount, skippedCount } = tally;
  run.progress.end();
  const isSync = deletedCount !== undefined;
  if (!isSync && doneCount + directoryCount + skippedCount === 0) return;
  const isOfDirectories = doneCount === 0 && directoryCount > 0 && !isSync;
  const what = isOfDirectories ? countedDirectories(directoryCount) : counted(doneCount, 'file');
  const size = doneCount === 0 ? '' : `, ${formatSize(doneBytes)}`;
  const elapsedMs = performance.now() - startedAt;
  const rate = doneCount === 0 ? '' : ` (${formatRate(movedBytes, elapsedMs)})`;
  const copied = isDryRun
    ? `would copy ${what}${size}`
    : `copied ${what}${size} in ${formatDuration(elapsedMs)}${rate}`;
  const ofSync = isSync
    ? listed({ 'up to date': tally.keptCount, [isDryRun ? 'to delete' : 'deleted']: deletedCount })
    : '';
  run.output.note(copied + ofSync + exceptions(tally, isSync ? tally.keptCount : 0));
}

export function countedDirectories(count: number): string {
  return count === 1 ? '1 directory' : `${count} directories`;
}

/** `, 3 skipped, 2 failed, 1 partial`; of what was skipped, `toldCount` was told already. */
function exceptions({ skippedCount, failedCount, partialCount }: Tally, toldCount: number): string {
  return listed({ skipped: skippedCount - toldCount, failed: failedCount, partial: partialCount });
}

/** The counts of which there are any. */
function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `, ${count} ${word}`)
    .join('');
}

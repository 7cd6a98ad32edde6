// codexfs sync: makes a directory have the contents of another, and copies only what differs.

import { hasCode } from '../../errors.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { onSide, sideError } from '../../transfer/onSide.js';
import { removeExtraneous } from '../../transfer/removeExtraneous.js';
import { ContinueCommand } from '../cp/ContinueCommand.js';
import { CpRun } from '../cp/CpRun.js';
import { parsePolicies } from '../cp/cpPolicies.js';
import { DryRun } from '../cp/DryRun.js';
import { FileCopier } from '../cp/FileCopier.js';
import { countedDirectories, tellEnd } from '../cp/tellEnd.js';
import { tellPlanned } from '../cp/tellPlanned.js';
import { connectAhead } from '../operands.js';
import { createProgress } from '../progress/createProgress.js';
import { noProgress } from '../progress/Progress.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import { SyncPlan } from './SyncPlan.js';
import { parseSyncOperands, type SyncOperands, type SyncOptions } from './syncOperands.js';

/** Synchronises as `words` say. @throws {UsageError} before anything was attempted; whatever ends the run, afterwards */
export async function runSync(words: readonly string[], options: SyncOptions, run: Run): Promise<void> {
  const operands = await parseSyncOperands(words, options, run);
  const { isDryRun } = operands;
  const policies = parsePolicies({ ...options, ...timesToo(options) }, operands);
  using files = new FileCopier(policies, run);
  if (!isDryRun) run.continueWith = new ContinueCommand('sync', process.argv.slice(2), []);
  connectAhead([...operands.sources, operands.destination], run);
  run.progress = isDryRun ? noProgress : await createProgress(run);
  const dryRun = isDryRun ? new DryRun(policies, run) : undefined;
  const isChecksum = options.checksum === true;
  const deletes = options.delete === true;
  const plan = new SyncPlan(operands, { isChecksum, deletes, directories: dryRun?.directories }, run);
  let deletedCount = 0;
  try {
    await new CpRun({ operands, plan, files, dryRun }, run).copyAll();
  } finally {
    await files.finish();
  }
  if (deletes) deletedCount = await deleteRest(operands, plan, run);
  if (!isDryRun && run.tally.doneCount > 0) tellTimes(plan, run, isChecksum);
  const isWatched = run.output.stderr.isTTY === true;
  if (isWatched || run.options.verbose || run.progress.hasShown || isDryRun) tellEnd(run, { isDryRun, deletedCount });
}

/** A sync keeps times where it can, whatever else is kept: by them the next one knows what is up to date. */
function timesToo({ preserve, preserveValue }: SyncOptions): { readonly preserveValue: string } {
  const wanted = preserveValue ?? (preserve ? 'mode,times' : 'times');
  return { preserveValue: wanted.includes('times') ? wanted : `${wanted},times` };
}

/** Removes what the source has not. Resolves with how much that was. */
async function deleteRest({ selection, isDryRun }: SyncOperands, plan: SyncPlan, run: Run): Promise<number> {
  const { ends } = plan;
  if (ends === undefined || run.tally.failedCount > 0) {
    run.note('codexfs: sync: nothing was deleted, because not everything went well');
    return 0;
  }
  const { from, to } = ends;
  let [deletedCount, heldCount] = [0, 0];
  const removing = removeExtraneous(to, {
    signal: run.signal,
    isWanted: selection?.isWanted,
    present: plan.present,
    isDryRun,
    onRemoved: async (at) => {
      deletedCount++;
      await tellDeleted(at, { isDryRun }, run);
    },
    onFailed: (at, error) => run.failed(sideError('destination', from, at, error)),
    onHeld: () => heldCount++,
  });
  // In a dry run the destination may not be there yet.
  await onSide('destination', from, to, () => removing.catch(isDryRun ? unlessMissing : rethrow));
  if (heldCount > 0) {
    run.note(`codexfs: sync: ${countedDirectories(heldCount)} not deleted, for what is excluded is in there`);
  }
  return deletedCount;
}

async function tellDeleted(at: Endpoint, { isDryRun }: { readonly isDryRun: boolean }, run: Run): Promise<void> {
  if (isDryRun) return tellPlanned({ action: 'delete', from: null, to: at.shown, sizeBytes: null }, run);
  if (run.options.verbose) run.note(`deleted ${show(at.shown)}`);
  await run.record({ type: 'deleted', location: at.shown });
}

function unlessMissing(error: unknown): void {
  if (!hasCode(error, 'not_found')) throw error;
}

function rethrow(error: unknown): void {
  throw error;
}

/** Says once by what the next run will go. */
function tellTimes({ ends }: SyncPlan, run: Run, isChecksum: boolean): void {
  if (ends === undefined || ends.rule.keepsTimes || isChecksum) return;
  const rule = 'a file of the size of its source that is not older counts as up to date; -c compares contents';
  run.note(`codexfs: sync: ${show(ends.to.shown)} keeps no times, so ${rule}`);
}

// codexfs cp: copies files between this machine and servers, and says at the end how much and how fast.

import { connectAhead } from '../operands.js';
import { createProgress } from '../progress/createProgress.js';
import { noProgress } from '../progress/Progress.js';
import { counted, formatDuration, formatRate, formatSize } from '../quantities.js';
import type { Run } from '../Run.js';
import type { Tally } from '../Tally.js';
import { ContinueCommand } from './ContinueCommand.js';
import { CpRun } from './CpRun.js';
import { type CpOptions, expandOperands, parseCpOperands } from './cpOperands.js';
import { type CpPolicyOptions, canBeContinued, parsePolicies } from './cpPolicies.js';
import { FileCopier } from './FileCopier.js';

/** Copies what `words` say. @throws {UsageError} before anything was attempted; whatever ends the run, afterwards */
export async function runCp(words: readonly string[], options: CpOptions & CpPolicyOptions, run: Run): Promise<void> {
  const parsed = parseCpOperands(words, options, run.registry);
  using files = new FileCopier(parsePolicies(options, parsed), run);
  if (canBeContinued(options, parsed)) run.continueWith = new ContinueCommand(process.argv.slice(2));
  connectAhead([...parsed.sources, parsed.destination], run);
  const expanded = await expandOperands(parsed, options, run);
  // Who is asked about one file should not see others pass by.
  const operands = options.interactive ? { ...expanded, jobs: 1 } : expanded;
  const { sources, destination } = operands;
  const drawsOverOutput = destination.kind === 'stream' && run.output.stdout.isTTY === true;
  run.progress = drawsOverOutput ? noProgress : await createProgress(run);
  try {
    await new CpRun(operands, files, run).copyAll();
  } finally {
    // A pipe that nobody reads any more must not keep the process.
    if (sources.some(({ kind }) => kind === 'stream')) process.stdin.destroy();
    await files.finish();
  }
  const isWatched = run.output.stderr.isTTY === true && !drawsOverOutput;
  if (isWatched || run.options.verbose || run.progress.hasShown) tellEnd(run);
}

/** `copied 219 files, 2.00 GiB in 24s (83.1 MiB/s)`: for who watches a terminal, waited long, or asked for words. */
function tellEnd(run: Run): void {
  const { startedAt, tally } = run;
  const { doneCount, doneBytes, movedBytes, directoryCount, skippedCount } = tally;
  run.progress.end();
  if (doneCount + directoryCount + skippedCount === 0) return;
  const elapsedMs = performance.now() - startedAt;
  const rate = doneCount === 0 ? '' : ` (${formatRate(movedBytes, elapsedMs)})`;
  const what = doneCount === 0 && directoryCount > 0 ? countedDirectories(directoryCount) : counted(doneCount, 'file');
  const size = doneCount === 0 ? '' : `, ${formatSize(doneBytes)}`;
  run.output.note(`copied ${what}${size} in ${formatDuration(elapsedMs)}${rate}${exceptions(tally)}`);
}

function countedDirectories(count: number): string {
  return count === 1 ? '1 directory' : `${count} directories`;
}

/** `, 3 skipped, 2 failed, 1 partial`, of which there are any. */
function exceptions({ skippedCount, failedCount, partialCount }: Tally): string {
  const counts = { skipped: skippedCount, failed: failedCount, partial: partialCount };
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `, ${count} ${word}`)
    .join('');
}

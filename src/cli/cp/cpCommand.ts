// codexfs cp: copies files between this machine and servers, and says at the end how much and how fast.

import { connectAhead } from '../operands.js';
import { createProgress } from '../progress/createProgress.js';
import { noProgress } from '../progress/Progress.js';
import type { Run } from '../Run.js';
import { ContinueCommand } from './ContinueCommand.js';
import { CpPlan } from './CpPlan.js';
import { CpRun } from './CpRun.js';
import { type CpOptions, parseCpOperands } from './cpOperands.js';
import { type CpPolicyOptions, canBeContinued, parsePolicies } from './cpPolicies.js';
import { FileCopier } from './FileCopier.js';
import { selectOperands } from './selectOperands.js';
import { tellEnd } from './tellEnd.js';

/** Copies what `words` say. @throws {UsageError} before anything was attempted; whatever ends the run, afterwards */
export async function runCp(words: readonly string[], options: CpOptions & CpPolicyOptions, run: Run): Promise<void> {
  const parsed = parseCpOperands(words, options, run.registry);
  const policies = parsePolicies(options, parsed);
  using files = new FileCopier(policies, run);
  if (!parsed.isDryRun && canBeContinued(options, parsed))
    run.continueWith = new ContinueCommand('cp', process.argv.slice(2), ['--continue']);
  connectAhead([...parsed.sources, parsed.destination], run);
  const selected = await selectOperands(parsed, options, run);
  // Who is asked about one file should not see others pass by.
  const operands = options.interactive ? { ...selected, jobs: 1 } : selected;
  const { sources, destination } = operands;
  const drawsOverOutput = destination.kind === 'stream' && run.output.stdout.isTTY === true;
  run.progress = drawsOverOutput || operands.isDryRun ? noProgress : await createProgress(run);
  try {
    const dryRun = operands.isDryRun ? new (await import('./DryRun.js')).DryRun(policies, run) : undefined;
    const plan = new CpPlan(operands, run, dryRun?.directories);
    await new CpRun({ operands, plan, files, dryRun }, run).copyAll();
  } finally {
    // A pipe that nobody reads any more must not keep the process.
    if (sources.some(({ kind }) => kind === 'stream')) process.stdin.destroy();
    await files.finish();
  }
  const isWatched = run.output.stderr.isTTY === true && !drawsOverOutput;
  const { isDryRun } = operands;
  if (isWatched || run.options.verbose || run.progress.hasShown || isDryRun) tellEnd(run, { isDryRun });
}

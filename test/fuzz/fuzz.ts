// Tries one target: first what the corpus holds, then new inputs from a seed.

import * as fc from 'fast-check';
import { type Kept, keep, keptInputs } from './corpus.js';
import type { Fuzzed, FuzzTarget, PropertyTarget } from './FuzzTarget.js';

export interface FuzzOutcome {
  /** Inputs that were tried, those of the corpus included. */
  readonly tried: number;
  /** The failure in words, with the seed that brings it back; undefined if there was none. */
  readonly failure: string | undefined;
}

export interface FuzzOptions {
  readonly seed: number;
  /** How many new inputs. */
  readonly count: number;
}

export type AnyTarget = FuzzTarget | PropertyTarget;

export async function fuzz(target: AnyTarget, options: FuzzOptions): Promise<FuzzOutcome> {
  if ('property' in target) return outcomeOf(await fc.check(target.property(), parametersOf(options)), options.count);
  await using fuzzed = await target.open();
  const kept = await keptInputs(target.name);
  const failed = await replay(fuzzed, kept);
  if (failed !== undefined) return { tried: kept.length, failure: failed };
  const property = fc.asyncProperty(target.inputs, async (input) => void (await fuzzed.check(input)));
  const { inputsPerCase = 1 } = target;
  const cases = Math.ceil(options.count / inputsPerCase);
  const details = await fc.check(property, parametersOf({ ...options, count: cases }));
  if (details.failed && details.counterexample !== null) await keep(target.name, details.counterexample[0]);
  return outcomeOf(details, kept.length + cases * inputsPerCase);
}

function parametersOf({ seed, count }: FuzzOptions) {
  return { seed, numRuns: count, interruptAfterTimeLimit: 600_000, markInterruptAsFailure: true };
}

async function replay(fuzzed: Fuzzed<unknown>, kept: readonly Kept[]): Promise<string | undefined> {
  for (const { name, input } of kept) {
    try {
      await fuzzed.check(input);
    } catch (error) {
      return `${name} of the corpus: ${error instanceof Error ? error.stack : String(error)}`;
    }
  }
  return undefined;
}

function outcomeOf<T>(details: fc.RunDetails<T>, tried: number): FuzzOutcome {
  if (!details.failed) return { tried, failure: undefined };
  return { tried: details.numRuns, failure: fc.defaultReportMessage(details) };
}

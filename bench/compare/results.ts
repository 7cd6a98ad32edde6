// What was measured, as files: one for each task, so that a run of some tasks leaves the others' results as they are.

import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/helpers/repository.js';
import { type Row, type Task, tasks } from './tasks.js';
import type { Sample } from './timed.js';

export interface Result {
  readonly task: string;
  readonly measuredAt: string;
  readonly machine: string;
  /** The samples of each runner, one a round. */
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

/** A row with what was measured: the value of the median samples, and the range of the rounds' own values. */
export interface Line {
  readonly task: string;
  readonly row: Row;
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
}

const folder = join(repositoryRoot, 'bench/results');

export async function saveResult(task: Task, samples: Result['samples']): Promise<void> {
  const [cpu] = cpus();
  const machine = `${availableParallelism()} × ${cpu?.model ?? 'processor'}, Linux ${release()}, Node ${process.version}`;
  const result: Result = { task: task.name, measuredAt: new Date().toISOString(), machine, samples };
  await writeFile(join(folder, `${task.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The results that there are, in the order of the tasks. */
export async function readResults(): Promise<{ readonly task: Task; readonly result: Result }[]> {
  const found = await Promise.all(
    tasks.map(async (task) => {
      const text = await readFile(join(folder, `${task.name}.json`), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : { task, result: JSON.parse(text) as Result };
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

/** The lines of one task; a row whose peer did not take part has none. */
export function linesOf(task: Task, samples: Result['samples']): Line[] {
  return task.rows.flatMap((row): Line[] => {
    const own = samples[row.subject] ?? [];
    const other = samples[row.against ?? row.subject] ?? [];
    const [ownMedian, otherMedian] = [medianSample(own), medianSample(other)];
    if (ownMedian === undefined || otherMedian === undefined) return [];
    const values = own.map((sample, round) => row.value(sample, other[round] ?? otherMedian));
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    return [{ task: task.name, row, value: row.value(ownMedian, otherMedian), lowest, highest }];
  });
}

/** The median of each measure by itself. */
export function medianSample(samples: readonly Sample[]): Sample | undefined {
  if (samples.length === 0) return undefined;
  const of = (measure: keyof Sample) => median(samples.map((sample) => sample[measure]));
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), peakMiB: of('peakMiB') };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

// `npm run bench [-- [--rounds N] TASK…]`: codexfs beside its peers, in turns, in one run. Prints a table of ratios, writes
// bench/results/*.json and the chart of the README. Without tasks, all of them; `--report` prints what was measured before.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { repositoryRoot } from '../../test/helpers/repository.js';
import { chartOf } from './chart.js';
import { digHoles } from './digHoles.js';
import { linesOf, readResults, saveResult } from './results.js';
import { Stage } from './Stage.js';
import { keeps, tableOf } from './table.js';
import { type Runner, type Task, tasks } from './tasks.js';
import { type Sample, timed } from './timed.js';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, report: { type: 'boolean', default: false } },
});
const unknown = names.filter((name) => tasks.every((task) => task.name !== name));
if (unknown.length > 0) {
  throw new Error(`no task is called ${unknown.join(' or ')}; there are ${tasks.map(({ name }) => name).join(', ')}`);
}
const wanted = tasks.filter(({ name }) => !options.report && (names.length === 0 || names.includes(name)));
const rounds = Number(options.rounds);

for (const task of wanted) {
  await using stage = await Stage.open();
  await saveResult(task, await measure(task, stage));
}
const results = await readResults();
const shown = results.filter(({ task }) => options.report || wanted.includes(task));
const lines = shown.flatMap(({ task, result }) => linesOf(task, result.samples));
console.log(tableOf(lines));
await writeFile(join(repositoryRoot, 'bench/results/chart.svg'), chartOf(results));
process.exitCode = lines.every((line) => keeps(line, 'must')) ? 0 : 1;

/**
 * Every runner once a round, one after the other, so that what disturbs the machine disturbs them alike. The first round is not counted:
 * servers and the proxy are programs that have just begun, and it is looked whether the copies are right.
 */
async function measure(task: Task, stage: Stage): Promise<Record<string, Sample[]>> {
  const present = task.runners.filter(({ absence }) => {
    if (absence !== undefined) console.error(`${task.name}: left out: ${absence}`);
    return absence === undefined;
  });
  const samples: Record<string, Sample[]> = Object.fromEntries(present.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const runner of present) {
      const words = await runner.words(stage);
      await stage.clear(task.bytes ?? 0);
      await using _digging = task.takesNoMemory ? digHoles(stage.destination) : undefined;
      const sample = await timed(words);
      if (round === 0) await checkCopy(runner, stage);
      else samples[runner.name]?.push(sample);
    }
    if (round > 0) console.error(`${task.name}: round ${round} of ${rounds}: ${roundText(samples, round - 1)}`);
  }
  return samples;
}

/** A fast copy that is none must not win. */
async function checkCopy(runner: Runner, stage: Stage): Promise<void> {
  const source = await runner.source?.(stage);
  if (source === undefined) return;
  await promisify(execFile)('diff', ['-rq', source, stage.destination]);
}

function roundText(samples: Readonly<Record<string, readonly Sample[]>>, round: number): string {
  const texts = Object.entries(samples).map(([name, of]) => `${name} ${of[round]?.seconds.toFixed(2)} s`);
  return texts.join(', ');
}

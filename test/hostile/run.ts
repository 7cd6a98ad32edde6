// `npm run hostile`: one row for each misbehaving server: the exit status, the time and the memory of codexfs against it. For a machine
// that does nothing else: a run that takes longer than its deadline and two seconds is a failure here. So there is one attempt;
// `npm test` has the same servers with as many as users have.

import { groups } from './behaviours/all.js';
import { growthMiB, problemOf } from './judge.js';
import { observe, patienceSeconds } from './observe.js';

const oneAttempt = ['--retries', '0'];
const honest = await observe({}, oneAttempt);
const maxMs = (patienceSeconds + 2) * 1_000 + honest.tookMs;
const totals = { runs: 0, failures: 0, slowestMs: 0, largestMiB: 0 };
for (const behaviour of Object.values(groups).flat()) {
  const observed = await observe(behaviour, oneAttempt);
  const { status, tookMs } = observed;
  const growth = growthMiB(observed, honest);
  const problem = problemOf(behaviour, observed, honest) ?? (tookMs > maxMs ? 'took too long' : undefined);
  totals.runs++;
  totals.slowestMs = Math.max(totals.slowestMs, tookMs);
  totals.largestMiB = Math.max(totals.largestMiB, growth);
  if (problem !== undefined) totals.failures++;
  const row = `${(tookMs / 1000).toFixed(1).padStart(5)} s ${String(growth).padStart(4)} MiB  ${status}  ${behaviour.title}`;
  console.log(`${problem === undefined ? '✔' : '✘'} ${row}${problem === undefined ? '' : `: ${problem}`}`);
}
const { runs, failures, slowestMs, largestMiB } = totals;
console.log(
  `${runs} servers, ${failures} failures; the longest ${(slowestMs / 1000).toFixed(1)} s, the most ${largestMiB} MiB`,
);
process.exit(failures === 0 ? 0 : 1);

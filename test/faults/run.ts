// `npm run faults`: makes things go wrong and prints one row for each fault at each place, and what came of it.
// `npm run faults -- F17 F24` runs some, `--long` also those that take long, `--list` none.

import { parseArgs } from 'node:util';
import { Ground } from './Ground.js';
import { type Row, Tally } from './Row.js';
import { allRows } from './rows/all.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '3' },
  },
});

// Every server that is started listens for the end of this process.
process.setMaxListeners(0);
const startedAt = performance.now();
await using ground = new Ground();
const rows = allRows(ground).filter(
  ({ id, isLong = false }) => (positionals.length === 0 || positionals.includes(id)) && (values.long || !isLong),
);
const unknown = positionals.filter((word) => !rows.some(({ id }) => id === word));
const totals = { rows: 0, runs: 0, failed: 0, skipped: 0, wrongSuccesses: 0, wrongReports: 0 };

if (unknown.length > 0) {
  console.log(`no such fault: ${unknown.join(', ')}`);
  process.exitCode = 2;
} else if (values.list) for (const row of rows) console.log(headOf(row));
else await runAll();

async function runAll(): Promise<void> {
  const queue = [...rows];
  const printed = rows.map(() => undefined as string | undefined);
  let next = 0;
  const work = async () => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      printed[rows.indexOf(row)] = await lineOf(row);
      // In the order of the table, however they end.
      for (let line = printed[next]; line !== undefined; line = printed[++next]) console.log(line);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const { runs, failed, skipped, wrongSuccesses, wrongReports } = totals;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `\n${totals.rows} rows, ${runs} runs in ${seconds} s: ${failed} failed, ${skipped} skipped; ` +
      `exit 0 with different bytes: ${wrongSuccesses}; partial reports of another length: ${wrongReports}`,
  );
  if (failed > 0 || totals.rows === 0) process.exitCode = 1;
}

async function lineOf(row: Row): Promise<string> {
  if (row.skip !== undefined) {
    totals.skipped++;
    return `${headOf(row)} skipped: ${row.skip}`;
  }
  const tally = new Tally();
  try {
    await row.run(tally);
    if (tally.runs === 0) tally.fail('nothing was run');
  } catch (error) {
    tally.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  totals.rows++;
  totals.runs += tally.runs;
  totals.wrongSuccesses += tally.wrongSuccesses;
  totals.wrongReports += tally.wrongReports;
  if (tally.problems.length > 0) totals.failed++;
  const verdict = tally.problems.length === 0 ? 'ok' : `FAILED (${tally.problems.length})`;
  const line = `${headOf(row)} ${String(tally.runs).padStart(4)} runs  exit ${tally.exits}  partial ${tally.reports}  ${verdict}`;
  return [line, ...tally.problems.slice(0, 8).map((problem) => problem.replace(/^/gm, '      '))].join('\n');
}

function headOf({ id, fault, where }: Row): string {
  return `${id.padEnd(8)} ${fault.padEnd(46)} ${where.padEnd(24)}`;
}

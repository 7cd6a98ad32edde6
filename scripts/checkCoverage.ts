// Tells the branches that the tests took, folder by folder, and fails where they are too few: the last step of `npm run coverage`.
// They are those of the compiled code, which source maps lead back to files; a few can never be taken: what TypeScript asks for where
// an index or a field is known to be there, other platforms, and the end of a function behind a loop without end.
// `checkCoverage.js SUMMARY` judges another summary than that of the last run.

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Summary {
  readonly branches: { readonly total: number; readonly covered: number };
}

/** Percent of branches, for the folders that move bytes and meet peers. */
const least: Readonly<Record<string, number>> = { dialects: 95, rpc: 95, transfer: 95, server: 95 };

const root = fileURLToPath(new URL('../../', import.meta.url));
const summaries: Record<string, Summary> = JSON.parse(
  readFileSync(process.argv[2] ?? join(root, 'coverage/coverage-summary.json'), 'utf8'),
);

const folders = new Map<string, { total: number; covered: number }>();
for (const [path, { branches }] of Object.entries(summaries)) {
  const [, folder] = /^src\/(\w+)\//.exec(relative(root, path)) ?? [];
  if (folder === undefined) continue;
  const sum = folders.get(folder) ?? { total: 0, covered: 0 };
  folders.set(folder, { total: sum.total + branches.total, covered: sum.covered + branches.covered });
}

for (const folder of Object.keys(least)) if (!folders.has(folder)) throw new Error(`nothing was measured of ${folder}`);
for (const [folder, { total, covered }] of [...folders].sort()) {
  const percent = (100 * covered) / total;
  const wanted = least[folder] ?? 0;
  const isEnough = percent >= wanted;
  if (!isEnough) process.exitCode = 1;
  console.log(`${isEnough ? ' ' : '✘'} ${folder.padEnd(10)} ${percent.toFixed(1)} % of ${total} branches`);
}

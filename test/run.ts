// The test runner: `node dist/test/run.js [PATTERN…]` runs the files whose paths hold one of the patterns, or all but those below
// onDemand/, which bring more from the npm registry: a pattern that begins so runs them.
// Its last line is `N passed, N failed`. Options, for its own tests: --directory=DIR, --file-deadline-ms=N.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { filesBelow, repositoryRoot } from './helpers/repository.js';
import { type FileVerdict, runFile } from './helpers/runFile.js';

const filesAtOnce = 2;
const onDemand = 'onDemand/';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    directory: { type: 'string' },
    'file-deadline-ms': { type: 'string', default: '300000' },
  },
});

const directory = values.directory ?? join(repositoryRoot, 'dist/test');
const files = await testFiles(directory);
const totals = { passed: 0, failed: 0, skipped: 0 };

for (const pattern of positionals) {
  if (!files.some((file) => file.includes(pattern))) fail(`no test file has "${pattern}" in its path`);
}
if (files.length === 0) fail(`no test files in ${directory}`);

const queue = files.filter(isWanted);
await Promise.all(Array.from({ length: filesAtOnce }, worker));

const skippedPart = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
console.log(`${totals.passed} passed, ${totals.failed} failed${skippedPart}`);
process.exitCode = totals.failed === 0 ? 0 : 1;

/** A compiled file whose source is gone is a leftover of an older build and no test. */
async function testFiles(from: string): Promise<string[]> {
  const compiled = await filesBelow(from, '.test.js');
  if (values.directory !== undefined) return compiled;
  return compiled.filter((file) => existsSync(join(repositoryRoot, 'test', file.replace(/\.js$/, '.ts'))));
}

function isWanted(file: string): boolean {
  const isDemanded = !file.startsWith(onDemand) || positionals.some((word) => word.startsWith(onDemand));
  return isDemanded && (positionals.length === 0 || positionals.some((word) => file.includes(word)));
}

async function worker(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const startedAt = performance.now();
    const verdict = await runFile(join(directory, file), Number(values['file-deadline-ms']));
    show(file, verdict, performance.now() - startedAt);
  }
}

function show(file: string, verdict: FileVerdict, tookMs: number): void {
  const { passed, failures, skipped } = verdict;
  totals.passed += passed;
  totals.failed += failures.length;
  totals.skipped += skipped.length;
  console.log(`${failures.length === 0 ? '✔' : '✘'} ${file}: ${passed} passed in ${(tookMs / 1000).toFixed(1)} s`);
  for (const { title, reason } of skipped) console.log(`    skipped: ${title}: ${reason}`);
  for (const { title, text } of failures) console.log(`\n  ✘ ${title}\n${indent(text)}\n`);
  if (failures.some(({ title }) => title === 'the file'))
    console.log(`  output of ${file}:\n${indent(verdict.output)}\n`);
}

function fail(message: string): void {
  totals.failed++;
  console.log(`✘ ${message}`);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '      ');
}

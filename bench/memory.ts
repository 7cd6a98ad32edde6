// `npm run bench:memory`: the peak memory of the client for a small and a large sparse file, up and down, against the real
// exec-server. Ends non-zero when it grows with the file or passes its bound.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codexfsProgram, startCodexExecServer } from '../test/helpers/servers.js';
import { temporaryDirectory } from '../test/helpers/temporaryDirectory.js';

const MiB = 1024 * 1024;
const smallBytes = 256 * MiB;
const largeBytes = 4096 * MiB;
const maxPeakMiB = 150;
const maxGrowthMiB = 10;

await using server = await startCodexExecServer({ listen: 'ws' });
await using directory = await temporaryDirectory('/dev/shm');
const source = join(directory.path, 'source');
const destination = join(directory.path, 'destination');
let failures = 0;

console.log('direction   256 MiB    4 GiB   growth   (peak resident set of the client, MiB; median of 3)');
for (const direction of ['up', 'down'] as const) {
  const small = await medianPeak(direction, smallBytes);
  const large = await medianPeak(direction, largeBytes);
  const isGood = large <= maxPeakMiB && large - small <= maxGrowthMiB;
  if (!isGood) failures++;
  const columns = [small, large, large - small].map((value) => value.toFixed(0).padStart(8));
  console.log(
    `${direction.padEnd(9)} ${columns.join(' ')}   ${isGood ? 'ok' : `over ${maxPeakMiB} or +${maxGrowthMiB}`}`,
  );
}
process.exitCode = failures === 0 ? 0 : 1;

async function medianPeak(direction: 'up' | 'down', sizeBytes: number): Promise<number> {
  const peaks: number[] = [];
  for (let round = 0; round < 3; round++) peaks.push(await peakOf(direction, sizeBytes));
  return peaks.sort((a, b) => a - b)[1] ?? Number.NaN;
}

/** Copies a file of holes and returns the client's high-water mark, as the kernel keeps it, in MiB. */
async function peakOf(direction: 'up' | 'down', sizeBytes: number): Promise<number> {
  await writeFile(source, '');
  await truncate(source, sizeBytes);
  await rm(destination, { force: true });
  const operands = direction === 'up' ? [source, `box:${destination}`] : [`box:${source}`, destination];
  const args = [codexfsProgram, '--remote', `box=${server.remote}`, 'cp', '-q', ...operands];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let peakKiB = 0;
  const poll = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterKiB(child.pid ?? 0));
  }, 10);
  const status = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(poll);
  if (status !== 0) throw new Error(`codexfs ended with ${String(status)}`);
  return peakKiB / 1024;
}

function highWaterKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

// Runs one command to its end and says what it took: time, processor time and memory, as the kernel counts them.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Sample {
  readonly seconds: number;
  /** Of the command and all that it started and waited for. */
  readonly cpuSeconds: number;
  /** Of the command itself: the high-water mark of its resident set. */
  readonly peakMiB: number;
}

export type Words = readonly [program: string, ...args: string[]];

/** The kernel's clock ticks a second in /proc, the same on every Linux. */
const ticksPerSecond = 100;
const pollMs = 10;

/** Runs `words`, its output discarded. @throws {Error} with what it said on stderr, unless it ends with status 0 */
export async function timed([program, ...args]: Words): Promise<Sample> {
  const cpuBefore = childrenCpuSeconds();
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let peakKiB = 0;
  const poll = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterKiB(child.pid ?? 0));
  }, pollMs);
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(poll);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return { seconds, cpuSeconds: childrenCpuSeconds() - cpuBefore, peakMiB: peakKiB / 1024 };
}

/** Processor seconds of all children of this process that have ended (proc(5): cutime and cstime). */
function childrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

function highWaterKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

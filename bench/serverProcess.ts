// What the system says about a server's process: memory and descriptors.

import { readdir, readFile } from 'node:fs/promises';

/** MiB of memory that process `pid` has resident. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Descriptors that process `pid` has open. */
export async function descriptorCount(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

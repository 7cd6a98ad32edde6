// Facts about other processes, read from /proc. On hosts without it nothing is found.

import { readdir, readFile, readlink } from 'node:fs/promises';

/** The ids of the processes whose environment holds `marker` (`NAME=value`), this one left out. */
export async function processesMarked(marker: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(marker)) found.push(pid);
  }
  return found;
}

/** What the descriptors of process `pid` lead to, by number: paths, `socket:[…]`, `pipe:[…]`. */
export async function openDescriptors(pid: number): Promise<Map<number, string>> {
  const directory = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(directory)).map(async (name) => {
      const target = await readlink(`${directory}/${name}`).catch(() => undefined);
      return target === undefined ? [] : [[Number(name), target] as const];
    }),
  );
  return new Map(links.flat());
}

/** Whether process `pid` is there. A zombie is not. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

/** Ends `pid` at once, if it is still there. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}

/** The paths at or below `directory` that process `pid` holds open. */
export async function descriptorsBelow(pid: number, directory: string): Promise<string[]> {
  const targets = [...(await openDescriptors(pid)).values()];
  return targets.filter((target) => target === directory || target.startsWith(`${directory}/`)).sort();
}

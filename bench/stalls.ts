// `npm run bench:stalls`: looks for the 40 ms that a small message waits where one end holds it back until the other has
// acknowledged what came before. Every kind of transfer, near both servers; a stall is so long without a word from a server
// that owes one. Ends non-zero when a kind of transfer has one in most of its runs: a busy machine has one now and then.

import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { contentOf } from '../test/helpers/content.js';
import { codexfsProgram, startCodexExecServer, startCodexfsServe } from '../test/helpers/servers.js';
import { temporaryDirectory } from '../test/helpers/temporaryDirectory.js';

const KiB = 1024;
const stallMs = 35;
const rounds = 7;

/** Files by what they are for. Each set is a directory. */
const sets: Readonly<Record<string, readonly number[]>> = {
  'one tiny': [1],
  'one small': [8_000],
  'one whole': [64 * KiB],
  'one of one chunk': [64 * KiB + 1],
  'one of two chunks': [300 * KiB],
  'one of twenty chunks': [5_000 * KiB],
  'two small': [100, 8_000],
  'two large': [300 * KiB, 1_000 * KiB],
  'small and large': [100, 3_000 * KiB],
  'twenty of every size': Array.from({ length: 20 }, (_, index) => Math.round(100 * 1.8 ** index)),
  'three hundred small': Array.from({ length: 300 }, (_, index) => 100 + ((index * 7_919) % 7_901)),
};

/** The words of a command for the set at `near` on this side and at `far` on the server's; both have it but for `made`. */
const commands: Readonly<Record<string, (near: string, far: string, made: string) => readonly string[]>> = {
  up: (near, _, made) => ['cp', '-r', near, `box:${made}`],
  down: (_, far, made) => ['cp', '-r', `box:${far}`, made],
  across: (_, far, made) => ['cp', '-r', `box:${far}`, `box:${made}`],
  'up, -a': (near, _, made) => ['cp', '-a', near, `box:${made}`],
  'down, -a': (_, far, made) => ['cp', '-a', `box:${far}`, made],
  'up, --verify': (near, _, made) => ['cp', '-r', '--verify', near, `box:${made}`],
  'down, --atomic': (_, far, made) => ['cp', '-r', '--atomic', `box:${far}`, made],
  sync: (near, _, made) => ['sync', `${near}/`, `box:${made}`],
  diff: (near, far) => ['diff', near, `box:${far}`],
  sum: (_, far) => ['sum', '-r', `box:${far}`],
  ls: (_, far) => ['ls', '-l', `box:${far}`],
};

await using directory = await temporaryDirectory('/dev/shm');
await using real = await startCodexExecServer({ listen: 'ws' });
await using serve = await startCodexfsServe({ listen: 'ws' });
let stalled = 0;
for (const [set, sizes] of Object.entries(sets)) await writeSet(pathOf(set), sizes);
console.log(
  `server  command       files                  runs with a stall   longest silence (ms; median of ${rounds} runs)`,
);
for (const [serverName, { remote }] of Object.entries({ real, serve })) {
  for (const [command, words] of Object.entries(commands)) {
    for (const set of Object.keys(sets)) {
      const source = pathOf(set);
      const made = join(directory.path, 'made');
      const silences: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await rm(made, { recursive: true, force: true });
        silences.push(await longestSilence(remote, words(source, source, made)));
      }
      const count = silences.filter((ms) => ms >= stallMs).length;
      const isStalled = count > rounds / 2;
      if (isStalled) stalled++;
      const median = silences.sort((a, b) => a - b)[(rounds - 1) / 2] ?? Number.NaN;
      const line = `${serverName.padEnd(7)} ${command.padEnd(13)} ${set.padEnd(22)} ${String(count).padStart(17)}   ${median.toFixed(1).padStart(15)}`;
      if (count > 0 || process.argv.includes('--all')) console.log(isStalled ? `${line}   STALLED` : line);
    }
  }
}
console.log(
  `${Object.keys(commands).length * Object.keys(sets).length * 2} kinds of transfer, ${stalled} of them stall`,
);
process.exitCode = stalled === 0 ? 0 : 1;

function pathOf(set: string): string {
  return join(directory.path, set.replaceAll(' ', '-'));
}

async function writeSet(path: string, sizes: readonly number[]): Promise<void> {
  await mkdir(path);
  for (const [index, size] of sizes.entries()) await writeFile(join(path, `f${index}`), contentOf(size, index + 1));
}

/** Milliseconds of the longest time in which nothing was said by the client or the server while an answer was due. */
async function longestSilence(remote: string, words: readonly string[]): Promise<number> {
  const env = { ...process.env, CODEXFS_DEBUG: 'rpc' };
  const args = [codexfsProgram, '--remote', `box=${remote}`, ...words];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let longest = 0;
  let due = 0;
  let heardAt = performance.now();
  const others: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    const now = performance.now();
    if (due > 0) longest = Math.max(longest, now - heardAt);
    heardAt = now;
    if (/^codexfs:rpc → \d/.test(line)) due++;
    else if (/^codexfs:rpc ← \d/.test(line)) due--;
    else others.push(line);
  }
  const status = await ended;
  if (status !== 0) throw new Error(`codexfs ${words.join(' ')} ended with ${String(status)}: ${others.join('\n')}`);
  return longest;
}

// `npm run demo`: the main job, for real. A random file goes up to the exec-server that Codex ships and comes down again,
// then the same with `codexfs serve`; the bytes are compared by SHA-256 and the speeds are said.

import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../test/helpers/content.js';
import { codexfsProgram, startCodexExecServer, startCodexfsServe, type TestServer } from '../test/helpers/servers.js';
import { temporaryDirectory } from '../test/helpers/temporaryDirectory.js';

const MiB = 1024 * 1024;
const sizeBytes = 256 * MiB;

await using directory = await temporaryDirectory();
const original = join(directory.path, 'original.bin');
say(`Making ${sizeBytes / MiB} MiB of random bytes in ${directory.path}`);
await writeRandomFile(original);
const expected = await sha256(original);

for (const [name, start] of [
  ['the real `codex exec-server` (@openai/codex)', startCodexExecServer],
  ['`codexfs serve`', startCodexfsServe],
] as const) {
  await using server = await start({ listen: 'ws' });
  say(`\n${name} listens on ${server.remote}`);
  await roundTrip(server);
}
say('\nEvery copy had the same SHA-256 as the original.');

async function roundTrip(server: TestServer): Promise<void> {
  const uploaded = join(directory.path, 'uploaded.bin');
  const downloaded = join(directory.path, 'downloaded.bin');
  const up = await codexfs(server, ['cp', original, `box:${uploaded}`]);
  const down = await codexfs(server, ['cp', `box:${uploaded}`, downloaded]);
  for (const file of [uploaded, downloaded]) {
    const actual = await sha256(file);
    if (actual !== expected) throw new Error(`${file} is not the original: ${actual} instead of ${expected}`);
  }
  say(`  up ${speed(up)}, down ${speed(down)}, SHA-256 ${expected.slice(0, 16)}… on both`);
}

/** Runs the program as a user would, its progress on this terminal; returns the seconds that it took. */
async function codexfs(server: TestServer, args: readonly string[]): Promise<number> {
  const words = ['--remote', `box=${server.remote}`, ...args];
  say(`  $ codexfs --remote box=${server.remote} ${args.join(' ')}`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [codexfsProgram, ...words], { stdio: 'inherit' });
  const status = await new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  if (status !== 0) throw new Error(`codexfs ended with ${String(status)}`);
  return (performance.now() - startedAt) / 1000;
}

async function writeRandomFile(path: string): Promise<void> {
  await using file = await open(path, 'w');
  const block = Buffer.alloc(4 * MiB);
  for (let written = 0; written < sizeBytes; written += block.length) await file.write(randomFillSync(block));
}

/** Of the whole command, start-up included, as a user waits for it. */
function speed(seconds: number): string {
  return `${(sizeBytes / MiB / seconds).toFixed(0)} MiB/s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

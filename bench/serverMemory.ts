// How much memory a client can make a server hold: it sends 2,000 of the largest reads at once and never takes an answer.
// `node dist/bench/serverMemory.js [--real]` prints one line for each server.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectWebSocket } from '../src/transport/webSocket.js';
import { RawClient } from '../test/helpers/rawClient.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../test/helpers/servers.js';
import { residentMiB } from './serverProcess.js';

const reads = 2_000;
const block = 1_048_576;
/** How long the server is watched. */
const watchedMs = 8_000;

async function growthMiB(server: TestServer, path: string): Promise<number> {
  const pid = server.pid ?? 0;
  const client = new RawClient(await connectWebSocket(server.remote));
  await client.initialize();
  await client.result('fs/open', { handleId: 'r', path: `file://${path}` });
  const before = await residentMiB(pid);
  client.pause();
  for (let id = 10; id < 10 + reads; id++) {
    client.send({ id, method: 'fs/readBlock', params: { handleId: 'r', offset: 0, len: block } });
  }
  let peak = before;
  for (const until = performance.now() + watchedMs; performance.now() < until; await sleep(50)) {
    peak = Math.max(peak, await residentMiB(pid));
  }
  await client.close();
  return peak - before;
}

const directory = await mkdtemp(join(tmpdir(), 'codexfs-bench-'));
const path = join(directory, 'file');
await writeFile(path, Buffer.alloc(block, 0x61));
const starts = process.argv.includes('--real') ? [startCodexfsServe, startCodexExecServer] : [startCodexfsServe];
for (const start of starts) {
  await using server = await start({ listen: 'ws' });
  const growth = await growthMiB(server, path);
  console.log(
    `${start.name.slice('start'.length)}: ${reads} reads of 1 MiB never taken: +${growth.toFixed(1)} MiB resident`,
  );
}
await rm(directory, { recursive: true });

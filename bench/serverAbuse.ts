// What clients that are up to no good can do to `codexfs serve`: silent sockets and sessions while a real copy goes on, and
// connections that break off at any moment. `node dist/bench/serverAbuse.js [CYCLES]` prints one line for each figure.

import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, copy, LocalFileSystem } from '../src/index.js';
import { connectWebSocket } from '../src/transport/webSocket.js';
import { contentOf } from '../test/helpers/content.js';
import { RawClient } from '../test/helpers/rawClient.js';
import { startCodexfsServe, type TestServer } from '../test/helpers/servers.js';
import { descriptorCount, residentMiB } from './serverProcess.js';

const silentSockets = 1_000;
const silentSessions = 200;
const cycles = Number(process.argv[2] ?? 10_000);
const fileBytes = 16 * 1_048_576;

const directory = await mkdtemp(join(tmpdir(), 'codexfs-bench-'));
const path = join(directory, 'file');
const content = contentOf(fileBytes);
await writeFile(path, content);
await using server = await startCodexfsServe({ listen: 'ws' });
await silence(server);
await breakingOff(server);
await rm(directory, { recursive: true });

/** Opens sockets that say nothing and sessions that do not initialize, and copies all the while. */
async function silence({ remote, pid = 0 }: TestServer): Promise<void> {
  const before = await descriptorCount(pid);
  const startedAt = performance.now();
  let open = silentSockets + silentSessions;
  let allGoneAt = 0;
  const gone = () => {
    if (--open === 0) allGoneAt = performance.now();
  };
  for (let count = 0; count < silentSockets; count++) (await silentSocket(remote)).once('close', gone).resume();
  for (let count = 0; count < silentSessions; count++) {
    const session = new RawClient(await connectWebSocket(remote));
    void session.record.closed.then(gone);
  }
  let [copies, slowestMs] = [0, 0];
  while (allGoneAt === 0 && performance.now() - startedAt < 60_000) {
    const connectingAt = performance.now();
    await copyOnce(remote);
    slowestMs = Math.max(slowestMs, performance.now() - connectingAt);
    copies++;
  }
  await settled(pid, before);
  console.log(
    `${silentSockets} silent sockets and ${silentSessions} uninitialised sessions: all gone after ` +
      `${((allGoneAt - startedAt) / 1000).toFixed(1)} s, ${(await descriptorCount(pid)) - before} descriptors left; meanwhile ` +
      `${copies} copies of ${fileBytes / 1_048_576} MiB, each over a connection of its own and compared, the slowest in ${slowestMs.toFixed(0)} ms`,
  );
}

/** Connects, copies the file down as `codexfs cp` does, and compares. */
async function copyOnce(remote: string): Promise<void> {
  await using fileSystem = await connect(remote);
  const copied = join(directory, 'copied');
  await copy({ fileSystem, path }, { fileSystem: new LocalFileSystem(), path: copied });
  if (!content.equals(await readFile(copied))) throw new Error('the copy is not the original');
}

async function silentSocket(remote: string): Promise<Socket> {
  const { hostname, port } = new URL(remote);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Connects, opens, operates and breaks off without a word, each time at another moment. */
async function breakingOff({ remote, pid = 0 }: TestServer): Promise<void> {
  const before = await descriptorCount(pid);
  const memory = await residentMiB(pid);
  const startedAt = performance.now();
  for (let count = 0; count < cycles; count++) await oneCycle(remote, count);
  await settled(pid, before);
  const perSecond = cycles / ((performance.now() - startedAt) / 1000);
  const left = (await descriptorCount(pid)) - before;
  const grown = (await residentMiB(pid)) - memory;
  console.log(
    `${cycles} connections broken off: ${left} descriptors left, ${grown.toFixed(1)} MiB more, ${perSecond.toFixed(0)} a second`,
  );
}

/** Each time with another number of messages, and cut at another moment: at once, in the middle of a message, or after some answers. */
async function oneCycle(remote: string, count: number): Promise<void> {
  const messages = [
    { id: 1, method: 'initialize', params: { clientName: 'x' } },
    { method: 'initialized' },
    { id: 2, method: 'fs/readFile/open', params: { handleId: 'r', path } },
    { id: 3, method: 'fs/readFile/read', params: { handleId: 'r', offset: 0 } },
    { id: 4, method: 'fs/writeFile/open', params: { handleId: 'w', path: `${path}-${count % 8}` } },
    { id: 5, method: 'fs/writeFile/write', params: { handleId: 'w', dataBase64: 'aGk=' } },
    { id: 6, method: 'fs/open', params: { handleId: 'b', path } },
    { id: 7, method: 'fs/readFile/close', params: { handleId: 'r' } },
    { id: 8, method: 'fs/readFile', params: { path } },
  ];
  const socket = await silentSocket(remote);
  const frames = messages.slice(0, count % (messages.length + 1)).map((message) => textFrame(JSON.stringify(message)));
  const bytes = Buffer.concat([Buffer.from(upgradeRequest(remote)), ...frames]);
  socket.write(count % 5 === 0 ? bytes.subarray(0, -3) : bytes);
  for (let pieces = (count * 7) % 4; pieces > 0; pieces--) await Promise.race([once(socket, 'data'), sleep(5)]);
  if (count % 2 === 0) socket.resetAndDestroy();
  else socket.destroy();
}

function upgradeRequest(remote: string): string {
  const lines = ['GET / HTTP/1.1', `Host: ${new URL(remote).host}`, 'Connection: Upgrade', 'Upgrade: websocket'];
  return [...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n');
}

/** A whole text message as a client sends it, masked by zeros. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}

/** Waits, for ten seconds at most, until the server has closed what its clients left. */
async function settled(pid: number, descriptors: number): Promise<void> {
  for (let count = 0; count < 100 && (await descriptorCount(pid)) > descriptors; count++) await sleep(100);
}

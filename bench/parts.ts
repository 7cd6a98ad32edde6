// What each part of the bytes' path does by itself, in MiB/s: a regression of `npm run bench` shows here where it is.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalFileSystem } from '../src/fs/LocalFileSystem.js';
import { encodeFrame, parseFrame } from '../src/protocol/bulk.js';
import { recycleChunk } from '../src/protocol/chunkPool.js';
import { limits } from '../src/protocol/limits.js';
import { applyMask } from '../src/transport/mask.js';
import { TextFrames } from '../src/transport/TextFrames.js';
import { temporaryDirectory } from '../test/helpers/temporaryDirectory.js';

const MiB = 1024 * 1024;
const rounds = 5;
const bytesARound = 256 * MiB;
const chunkBytes = limits.blockReadBytes;
const chunk = randomBytes(chunkBytes);
const answer = Buffer.from(JSON.stringify({ id: 12, result: { chunk: chunk.toString('base64'), eof: false } }));

await using place = await temporaryDirectory('/dev/shm');
await using fileSystem = new LocalFileSystem();

const parts: Record<string, () => unknown> = {
  'decode: frame to chunk': () => {
    const { chunk: parsed } = parseFrame(answer);
    if (parsed !== undefined) recycleChunk(parsed.bytes);
  },
  'decode: JSON.parse and Buffer.from, for comparison': () =>
    Buffer.from(JSON.parse(answer.toString('utf8')).result.chunk, 'base64'),
  'encode: chunk to frame': () => recycleChunk(encodeFrame({ id: 12, method: 'fs/writeBlock', params: { chunk } })),
  'encode: JSON.stringify, for comparison': () =>
    Buffer.from(JSON.stringify({ id: 12, params: { chunk: chunk.toString('base64') } })),
  'take the mask off a frame': () => applyMask(answer, Buffer.from([1, 2, 3, 4])),
  'take a frame out of 64 KiB reads': takeFrame(),
};

for (const [name, part] of Object.entries(parts)) tell(name, await speeds(async (count) => repeat(count, part)));
tell('write: chunk to file', await speeds(writeAll));
tell('read: file to chunk', await speeds(readAll));

/** MiB/s of each round, after one that does not count. */
async function speeds(run: (count: number) => Promise<void>): Promise<number[]> {
  const count = bytesARound / chunkBytes;
  const found: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    await run(count);
    if (round > 0) found.push(bytesARound / MiB / ((performance.now() - startedAt) / 1000));
    await sleep(1);
  }
  return found.sort((a, b) => a - b);
}

async function repeat(count: number, part: () => unknown): Promise<void> {
  for (let index = 0; index < count; index++) part();
}

async function writeAll(count: number): Promise<void> {
  await using file = await fileSystem.openWrite(place.join('file'));
  for (let index = 0; index < count; index++) await file.write(chunk);
  await file.close();
}

async function readAll(count: number): Promise<void> {
  await using file = await fileSystem.openRead(place.join('file'));
  for (let index = 0; index < count; index++) {
    const { bytes } = await file.read(index * chunkBytes, chunkBytes);
    recycleChunk(bytes);
  }
}

function takeFrame(): () => void {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(0x817f, 0);
  head.writeBigUInt64BE(BigInt(answer.length), 2);
  const bytes = Buffer.concat([head, answer]);
  const frames = new TextFrames({
    peer: 'server',
    maxTakenBytes: bytes.length,
    maxPayloadBytes: () => bytes.length,
    refused() {},
    deliver: recycleChunk,
    handOn: () => {},
    release: () => {},
  });
  return () => {
    for (let at = 0; at < bytes.length; at += 64 * 1024) frames.take(bytes.subarray(at, at + 64 * 1024));
  };
}

function tell(name: string, found: readonly number[]): void {
  const [slowest = 0, fastest = 0] = [found[0], found.at(-1)];
  const median = found[Math.floor(found.length / 2)] ?? 0;
  const width = `${slowest.toFixed(0)} to ${fastest.toFixed(0)}`;
  console.log(`${name.padEnd(52)} ${median.toFixed(0).padStart(6)} MiB/s   (${width})`);
}

// `npm run soak -- --minutes N`: eight clients at one server, random operations, lines that are cut. At the end no byte is wrong, and
// descriptors and memory are where they were.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { Client, type Tally } from './Client.js';
import { type Held, held } from './server.js';

const clientCount = 8;
const sampleMs = 2_000;
/** Of the time; what is loaded and compiled then is not a leak. */
const warmUpShare = 0.3;
const MiB = 1024 * 1024;
const maxSlopeMiB = 1;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } });
const durationMs = Number(values.minutes) * 60_000;

interface Sample {
  readonly atMs: number;
  readonly clients: Held;
  readonly server: Held;
}

await using place = await temporaryDirectory();
await mkdir(place.join('far'));
const server = fork(fileURLToPath(new URL('server.js', import.meta.url)), [place.join('far')], {
  execArgv: ['--expose-gc'],
});
const [{ url }] = (await once(server, 'message')) as [{ url: string }];
const proxy = await slowProxy({ target: url });
const before = await sample(0);
const tally: Tally = { done: 0, failed: 0, wrong: [] };
const startedAt = performance.now();
const elapsed = () => performance.now() - startedAt;
const isOver = () => elapsed() > durationMs || tally.wrong.length > 0;
const clients = Array.from({ length: clientCount }, (_, index) => {
  const name = `client-${index}`;
  return new Client(proxy.url, { near: place.join(name), far: place.join('far', name) }, tally).run(isOver);
});
const samples: Sample[] = [];
while (!isOver()) {
  await sleep(sampleMs);
  // Every client meets this at whatever it is doing.
  if (Math.random() < 0.5) proxy.cut();
  samples.push(await sample(elapsed()));
}
await Promise.all(clients);
await sleep(1_000);
const after = await sample(elapsed());
await proxy[Symbol.asyncDispose]();
server.disconnect();
await once(server, 'exit');
process.exitCode = tell() ? 0 : 1;

async function sample(atMs: number): Promise<Sample> {
  return { atMs, clients: held(), server: await ask(server) };
}

async function ask(child: ChildProcess): Promise<Held> {
  const answer = once(child, 'message');
  child.send('held');
  const [what] = (await answer) as [Held];
  return what;
}

/** Prints what came of it; whether all of it is as it should be. */
function tell(): boolean {
  console.log(`${tally.done} operations, ${tally.failed} cut or given up, ${tally.wrong.length} wrong`);
  for (const text of tally.wrong) console.log(text.replace(/^/gm, '    '));
  let isGood = tally.wrong.length === 0 && tally.done > 0;
  for (const side of ['clients', 'server'] as const) {
    const slope = slopeOf(side);
    const descriptors = `${before[side].descriptors} → ${after[side].descriptors}`;
    const resident = `${mib(before[side].residentBytes)} → ${mib(after[side].residentBytes)}`;
    console.log(
      `${side}: descriptors ${descriptors}, memory ${slope.toFixed(2)} MiB per 10 minutes, resident ${resident} MiB`,
    );
    if (slope > maxSlopeMiB || after[side].descriptors > before[side].descriptors) isGood = false;
  }
  console.log(isGood ? 'as it was' : 'NOT as it was');
  return isGood;
}

/** MiB per 10 minutes by which what is live grows, by least squares over the quietest sample of each tenth of the time. */
function slopeOf(side: 'clients' | 'server'): number {
  const warm = samples.filter(({ atMs }) => atMs > warmUpShare * durationMs);
  const size = Math.max(1, Math.ceil(warm.length / 10));
  const quiet = Array.from({ length: Math.ceil(warm.length / size) }, (_, index) =>
    warm.slice(index * size, (index + 1) * size).reduce((a, b) => (b[side].liveBytes < a[side].liveBytes ? b : a)),
  );
  const meanTime = mean(quiet.map(({ atMs }) => atMs));
  const meanBytes = mean(quiet.map((one) => one[side].liveBytes));
  const covariance = mean(quiet.map((one) => (one.atMs - meanTime) * (one[side].liveBytes - meanBytes)));
  const variance = mean(quiet.map(({ atMs }) => (atMs - meanTime) ** 2));
  return variance === 0 ? 0 : ((covariance / variance) * 600_000) / MiB;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}

function mib(bytes: number): number {
  return Math.round(bytes / MiB);
}

// One misbehaving server and one codexfs against it: how that ended, how long it took and how much memory it had.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { evilServer, rawServer } from '../helpers/evilServer.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import type { Behaviour } from './behaviours/Behaviour.js';
import { honestContent, honestScript } from './honestScript.js';

/** Patience of the client under test, in seconds: for connecting and for each answer. */
export const patienceSeconds = 1;
/** Milliseconds after which a run counts as hung. */
const hungMs = 30_000;

export interface Observation {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
  readonly peakBytes: number;
}

const reportPeak = fileURLToPath(new URL('../helpers/reportPeak.js', import.meta.url));

/** Runs codexfs, with `options`, against a server that behaves like that. */
export async function observe(
  behaviour: Omit<Behaviour, 'title' | 'statuses'>,
  options: readonly string[] = [],
): Promise<Observation> {
  await using place = await temporaryDirectory();
  await writeFile(place.join('upload'), honestContent);
  await using server = await serverOf(behaviour);
  const env = { NODE_OPTIONS: `--import=${reportPeak}`, CODEXFS_TEST_PEAK: place.join('peak') };
  const patience = ['--timeout', `${patienceSeconds}s`, '--connect-timeout', `${patienceSeconds}s`];
  const words = ['--remote', `box=${server.remote}`, ...patience, ...options, ...wordsOf(behaviour.command ?? 'down')];
  const startedAt = performance.now();
  const { exitCode, stdout, stderr } = await runCodexfs(words, { cwd: place.path, env, deadlineMs: hungMs });
  const tookMs = performance.now() - startedAt;
  const peakBytes = Number(await readFile(place.join('peak'), 'utf8'));
  return { status: exitCode, stdout: stdout.toString('utf8'), stderr, tookMs, peakBytes };
}

function wordsOf(command: NonNullable<Behaviour['command']>): string[] {
  const words: Record<typeof command, string[]> = {
    down: ['cp', 'box:/f', 'copy'],
    up: ['cp', 'upload', 'box:/up'],
    verified: ['cp', '--verify', 'upload', 'box:/up'],
    tree: ['cp', '-r', 'box:/dir', 'tree'],
    ls: ['ls', 'box:/dir'],
  };
  return words[command];
}

async function serverOf({
  script,
  converse,
  program,
}: Omit<Behaviour, 'title' | 'statuses'>): Promise<{ readonly remote: string } & AsyncDisposable> {
  if (program !== undefined) {
    const directory = await temporaryDirectory();
    await writeFile(directory.join('server.cjs'), program);
    const remote = `exec:${process.execPath} ${directory.join('server.cjs')}`;
    return { remote, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
  }
  if (converse !== undefined) {
    const server = await rawServer(converse);
    return { remote: `ws://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  const honest = honestScript();
  const server = await evilServer({ ...honest, ...script?.(honest) });
  return { remote: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

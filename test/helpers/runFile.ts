// One test file in a process of its own, and the verdict on it. Only what the file reported counts as done.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { killNow, processesMarked } from './processes.js';
import type { TestRecord } from './records.js';

export interface Failure {
  readonly title: string;
  readonly text: string;
}

export interface FileVerdict {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
  /** What the file printed. */
  readonly output: string;
}

/** Everything that carries this variable was started, at whatever remove, by one run of one file. */
const markerName = 'CODEXFS_TEST_RUN';
const keptOutputChars = 20_000;
const statusOne = 'exited with status 1';
const pipeGraceMs = 2_000;

/** Runs the test file `path`. Never rejects for what the file does, and leaves none of its processes behind. */
export async function runFile(path: string, deadlineMs: number): Promise<FileVerdict> {
  const id = randomUUID();
  const child = spawn(process.execPath, ['--enable-source-maps', path], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, [markerName]: id },
  });
  const records: TestRecord[] = [];
  child.on('message', (message) => records.push(message as TestRecord));
  const output = collectOutput(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, deadlineMs);
  const [exitCode, signal] = await ending(child);
  clearTimeout(timer);
  const survivors = await processesMarked(`${markerName}=${id}`);
  survivors.forEach(killNow);
  await output.finished;
  const end = timedOut ? `was killed after ${deadlineMs} ms` : describeEnd(exitCode, signal);
  return verdict(records, end, survivors.length, output.text());
}

function ending(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => {
      // Records that were sent before the exit may still be in the channel.
      if (child.connected) child.once('disconnect', () => resolve([exitCode, signal]));
      else resolve([exitCode, signal]);
    });
  });
}

function collectOutput(child: ChildProcess) {
  let text = '';
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) {
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => {
      text = (text + piece).slice(-keptOutputChars);
    });
  }
  const closed = Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.once('close', resolve))));
  // Something may hold the pipes that cannot be found, let alone ended; the verdict does not wait for it.
  const given = new Promise<void>((resolve) => child.once('exit', () => setTimeout(resolve, pipeGraceMs).unref()));
  return { finished: Promise.race([closed, given]), text: () => text };
}

/** How the process ended, if not well. */
function describeEnd(exitCode: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `was killed by ${signal}`;
  return exitCode === 0 ? undefined : `exited with status ${exitCode}`;
}

function verdict(records: TestRecord[], end: string | undefined, survivors: number, output: string): FileVerdict {
  const failures: Failure[] = [];
  const skipped: { title: string; reason: string }[] = [];
  const pending = new Set<string>();
  let passed = 0;
  let running: string | undefined;
  const problems: string[] = [];
  for (const record of records) {
    if (record.type === 'registered') pending.add(record.title);
    else if (record.type === 'started') running = record.title;
    else if (record.type === 'leaked') {
      problems.push(`the file did not end after its last test; still active: ${record.resources.join(', ')}`);
    } else {
      pending.delete(record.title);
      running = undefined;
      if (record.type === 'passed') passed++;
      else if (record.type === 'failed') failures.push(record);
      else skipped.push(record);
    }
  }
  // A status of 1 is how a file with a failed test ends; alone it means something that no test reported.
  const isExplained = end === statusOne && failures.length + problems.length > 0;
  if (end !== undefined && !isExplained) {
    problems.push(`the file ${end}${running === undefined ? '' : ` during "${running}"`}`);
  }
  if (pending.size > 0) problems.push(`registered and not run: ${[...pending].join('; ')}`);
  if (passed + failures.length === 0 && problems.length === 0) problems.push('the file ran no test');
  if (survivors > 0) problems.push(`the file left ${survivors} process(es) running`);
  if (problems.length > 0) failures.push({ title: 'the file', text: problems.join('\n') });
  return { passed, failures, skipped, output };
}

// The program as a user runs it: a child with arguments, a standard input, and an end that is looked at in full.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { repositoryRoot } from './repository.js';
import { codexfsProgram } from './servers.js';
import { signalGroup } from './startChild.js';

export interface RunOptions {
  /** Added to an environment that holds no settings of this machine's user; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** What the program reads; nothing unless given. */
  readonly stdin?: Buffer | string | Readable;
  /** Sends `signal` as soon as `when` resolves, and once more as soon as `again` does. */
  readonly signalWhen?: {
    readonly signal: NodeJS.Signals;
    readonly when: () => Promise<unknown>;
    readonly again?: () => Promise<unknown>;
  };
  /** Milliseconds after which the run counts as hung. */
  readonly deadlineMs?: number;
  /** A program and its arguments that run codexfs in their turn: `prlimit`, `setpriv`, `unshare`. */
  readonly wrapper?: readonly string[];
}

export interface RunResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Milliseconds from the signal of `signalWhen` to the end. */
  readonly endedAfterMs: number | undefined;
}

/** Runs `codexfs` with `args`. Rejects only if it does not end in time. */
export async function runCodexfs(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = process.execPath, ...words] = [
    ...(options.wrapper ?? []),
    process.execPath,
    codexfsProgram,
    ...args,
  ];
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...(options.wrapper === undefined ? {} : unmeasured), ...options.env },
  });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    signalGroup(child, 'SIGKILL');
  }, options.deadlineMs ?? 60_000);
  const killGroup = () => signalGroup(child, 'SIGKILL');
  process.once('exit', killGroup);
  feed(child.stdin, options.stdin);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  let signalledAt: number | undefined;
  const { signalWhen } = options;
  signalWhen?.when().then(
    () => {
      signalledAt = performance.now();
      child.kill(signalWhen.signal);
      signalWhen.again?.().then(() => child.kill(signalWhen.signal), killGroup);
    },
    () => killGroup(),
  );
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const endedAt = performance.now();
  clearTimeout(timer);
  process.off('exit', killGroup);
  const text = stderr().toString('utf8');
  if (hung) throw new Error(`codexfs ${args.join(' ')} did not end in time; it said: ${text}`);
  const endedAfterMs = signalledAt === undefined ? undefined : endedAt - signalledAt;
  return { exitCode, signal, stdout: stdout(), stderr: text, endedAfterMs };
}

/** Coverage is written when a program ends, which says so on stderr where another user or a limit does not let it. */
const unmeasured = { NODE_V8_COVERAGE: undefined };

/** This process's environment without what would configure codexfs or colour its output. */
function cleanEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(CODEX|XDG_|NO_COLOR|FORCE_COLOR|CLICOLOR)/.test(name),
  );
  const nowhere = join(repositoryRoot, '.cache/no-such-folder');
  return {
    ...Object.fromEntries(kept),
    CODEX_HOME: nowhere,
    XDG_CONFIG_HOME: nowhere,
    CODEXFS_TEST_RUN: process.env.CODEXFS_TEST_RUN,
  };
}

function feed(to: NodeJS.WritableStream, input: RunOptions['stdin']): void {
  // A program that does not read to the end of its input closes the pipe, which is its right.
  to.on('error', () => {});
  if (input instanceof Readable) input.pipe(to);
  else to.end(input ?? '');
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces);
}

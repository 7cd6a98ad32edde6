// Children of tests: started in a process group of their own, and gone with it when their scope ends.

import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
}

export interface StartedChild extends AsyncDisposable {
  readonly pid: number;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/** How long a child may take to print its first line. */
const startMs = 20_000;

/** Starts `program` and waits for the first line on its stdout. @throws what it said on stderr, if it ends before */
export async function startChild(
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<StartedChild & { readonly firstLine: string }> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const killGroup = () => signalGroup(child, 'SIGKILL');
  process.once('exit', killGroup);
  const stop = async () => {
    killGroup();
    await ended;
    process.off('exit', killGroup);
  };
  try {
    const firstLine = await lineOf(child, () => `${[program, ...args].join(' ')} did not start: ${stderr}`);
    return { pid: child.pid ?? -1, firstLine, stderr: () => stderr, ended, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function lineOf(child: ChildProcess & { stdout: NodeJS.ReadableStream }, problem: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = () => reject(new Error(problem()));
    const timer = setTimeout(fail, startMs);
    child.stdout.on('data', (piece: Buffer) => {
      text += piece.toString('utf8');
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      fail();
    });
  });
}

/** Sends `signal` to the group that `child` leads. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is empty.
  }
}

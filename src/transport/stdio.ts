// A server as a child process, spoken to over its stdin and stdout. The only file that spawns.

import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { asError, ConnectError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { Excerpt } from './Excerpt.js';
import { LineTransport } from './lines.js';
import type { CloseReason, Transport, TransportListener } from './Transport.js';

/** A program that is a server on its standard streams. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** What every message begins with, and how much is shown of a line that does not. */
const openingBrace = 0x7b;
const strayShownBytes = 200;

/** Milliseconds that the streams of a child that has ended may stay open, because somebody else holds them. */
const leftBehindMs = 250;

/** Environment variables that hold tokens for codexfs itself; no child needs them. */
const secretVariables = { CODEX_EXEC_SERVER_CONNECTION_TOKEN: undefined } as const;

/**
 * Spawns `command` as a stdio server. The child leads a process group of its own, so that ^C reaches codexfs alone and
 * nothing that the child starts survives it: closing ends its stdin, then SIGTERM, then SIGKILL after `limits.childKillMs`.
 * @throws {ConnectError} phase `connect`, when the program cannot be started
 */
export async function spawnStdioServer(command: ChildCommand): Promise<Transport> {
  const shown = [command.program, ...command.args].join(' ');
  const child = execa(command.program, command.args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    encoding: 'buffer',
    reject: false,
    detached: true,
    env: { ...secretVariables, ...command.env },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  // Not what execa waits for, which is the end of the pipes too: whom the child started may hold those for ever.
  const exit = new Promise<ChildExit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  if (child.pid === undefined) {
    const { cause } = await child;
    throw new ConnectError('connect', shown, `cannot start \`${shown}\`: ${startProblem(command, cause)}`, { cause });
  }
  const { stdin, stdout, stderr } = child;
  return new ChildTransport(child.pid, { stdin, stdout, stderr, exit });
}

function startProblem({ cwd }: ChildCommand, cause: unknown): string {
  if (isErrno(cause, 'EACCES')) return 'permission denied';
  if (!isErrno(cause, 'ENOENT')) return cause === undefined ? 'it could not be started' : asError(cause).message;
  return cwd === undefined || existsSync(cwd) ? 'no such program' : `no such folder: ${cwd}`;
}

interface RunningChild {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<ChildExit>;
}

interface ChildExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A LineTransport whose reason names what became of the child. */
class ChildTransport implements Transport {
  readonly #lines: LineTransport;
  readonly #pid: number;
  readonly #child: RunningChild;
  readonly #stderr = new Excerpt();
  /** The first line that can be no message. */
  #stray: string | undefined;
  /** Whether the child had to be told to go, so that its end says nothing about why it ended. */
  #wasTerminated = false;
  /** How the child ended, when nothing is left of it and of what it wrote. */
  readonly #gone: Promise<ChildExit>;
  readonly #killAtExit = () => this.#signal('SIGKILL');

  constructor(pid: number, child: RunningChild) {
    this.#pid = pid;
    this.#child = child;
    process.once('exit', this.#killAtExit);
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#stderr.add(text));
    this.#gone = this.#watchEnd();
    this.#lines = new LineTransport({
      readable: child.stdout,
      writable: child.stdin,
      maxMessageBytes: limits.clientMessageBytes,
      peer: 'the server',
      dispose: () => this.#reap(),
    });
  }

  get queuedBytes(): number {
    return this.#lines.queuedBytes;
  }

  get asides(): string | undefined {
    if (this.#stray !== undefined) return `its standard output is for answers alone, and it wrote: ${this.#stray}`;
    const said = `${this.#stderr}`;
    return said === '' ? undefined : `it said: ${said}`;
  }

  start(listener: TransportListener): void {
    this.#lines.start({
      message: (frame) => {
        if (frame[0] !== openingBrace) this.#stray ??= frame.toString('utf8', 0, strayShownBytes);
        listener.message(frame);
      },
      closed: (reason) => void this.#explain(reason).then((explained) => listener.closed(explained)),
    });
  }

  send(frame: Buffer): Promise<void> {
    return this.#lines.send(frame);
  }

  limitMessages(maxBytes: number): void {
    this.#lines.limitMessages(maxBytes);
  }

  pause(): void {
    this.#lines.pause();
  }

  resume(): void {
    this.#lines.resume();
  }

  close(reason: string): Promise<void> {
    return this.#lines.close(reason);
  }

  /** A child that is gone says more by its exit status and stderr than by the end of its output. */
  async #explain(reason: CloseReason): Promise<CloseReason> {
    if (reason.local || reason.isTooLarge) return reason;
    const { exitCode, signal } = await this.#gone;
    const how = signal === null ? `exited with status ${exitCode ?? 'unknown'}` : `was killed by ${signal}`;
    const lastWords = `${this.#stderr}`;
    const said = lastWords === '' ? '' : `, saying: ${lastWords}`;
    return { ...reason, text: this.#wasTerminated ? `${reason.text}${said}` : `the command ${how}${said}` };
  }

  async #reap(): Promise<void> {
    const timers = [
      setTimeout(() => this.#terminate(), limits.childKillMs / 4),
      setTimeout(() => this.#signal('SIGKILL'), limits.childKillMs + limits.childKillMs / 4),
    ];
    await this.#gone;
    for (const timer of timers) clearTimeout(timer);
    process.off('exit', this.#killAtExit);
  }

  /** Its last words are read to their end, but not for ever: whatever it left behind may hold its streams, in its group or not. */
  async #watchEnd(): Promise<ChildExit> {
    const { stdout, stderr, exit } = this.#child;
    const closed = Promise.all(
      [stdout, stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve))),
    );
    const ended = await exit;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      closed,
      new Promise((resolve) => {
        timer = setTimeout(resolve, leftBehindMs);
      }),
    ]);
    clearTimeout(timer);
    this.#signal('SIGKILL');
    stdout.destroy();
    stderr.destroy();
    return ended;
  }

  #terminate(): void {
    this.#wasTerminated = true;
    this.#signal('SIGTERM');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#pid, signal);
    } catch {
      // The group is already empty.
    }
  }
}

function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && (cause as NodeJS.ErrnoException).code === code;
}

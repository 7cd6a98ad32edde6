// The programs that a client runs on a server: `process/start` and what follows. For what a server's file methods cannot do.

import { CodexfsError, hasCode, ProtocolError, RpcError } from '../errors.js';
import { type ParsedFrame, withChunk } from '../protocol/bulk.js';
import { errorFromRpc, rpcCodes } from '../protocol/codes.js';
import { checkNotification, isProcessNotification, SchemaMismatch } from '../protocol/methods.js';
import type { Connection } from '../rpc/Connection.js';
import type { ServerInfo } from './negotiate.js';
import { ServerProcess, type WaitOptions } from './ServerProcess.js';

/** All that a program on a server gets: a server passes on nothing of its own. The places where systems keep their tools. */
const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:/run/current-system/sw/bin',
  LC_ALL: 'C',
  TZ: 'UTC0',
} as const;

/** What a script that has ended left. */
export interface ScriptResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class ServerPrograms {
  readonly #connection: Connection;
  readonly #server: ServerInfo;
  readonly #running = new Map<string, ServerProcess>();
  #nextId = 1;
  #isThere: Promise<boolean> | undefined;

  constructor(connection: Connection, server: ServerInfo) {
    this.#connection = connection;
    this.#server = server;
    connection.listen(
      (method, params, chunk) => this.#hear(method, params, chunk),
      () => this.#running.size > 0,
    );
    void connection.closed.then(() => {
      for (const process of this.#running.values()) process.fail(connection.endedBy);
    });
  }

  /** Whether the server runs programs, and has a shell: asked once, and without running any. */
  isThere(): Promise<boolean> {
    this.#isThere ??= this.#probe();
    return this.#isThere;
  }

  /**
   * Starts a shell that does `script`, in which `args` are $1 and so on. The caller disposes what comes back.
   * @throws {CodexfsError} `unsupported`, where no shell can be started
   */
  async start(script: string, args: readonly string[], hasInput: boolean): Promise<ServerProcess> {
    if (!(await this.isThere())) throw new CodexfsError('unsupported', 'this server runs no programs');
    const process = new ServerProcess(this.#connection, `codexfs-${this.#nextId++}`);
    this.#running.set(process.id, process);
    try {
      await this.#connection.request('process/start', {
        processId: process.id,
        argv: ['/bin/sh', '-c', script, 'sh', ...args],
        cwd: this.#server.pathForm === 'uri' ? 'file:///' : '/',
        env: environment,
        tty: false,
        pipeStdin: hasInput,
        arg0: null,
      });
      return process;
    } catch (cause) {
      this.#running.delete(process.id);
      if (!(cause instanceof RpcError)) throw cause;
      throw new CodexfsError('unsupported', `this server cannot start a shell: ${cause.message}`, { cause });
    }
  }

  /** Runs `script` to its end. @throws {CodexfsError} `unsupported`, where no shell can be started */
  async run(script: string, args: readonly string[], options: WaitOptions = {}): Promise<ScriptResult> {
    await using process = await this.start(script, args, false);
    const exitCode = await process.ended(options);
    return { exitCode, stdout: process.stdout.takeText(), stderr: process.stderr.takeText() };
  }

  #hear(method: string, params: unknown, chunk: ParsedFrame['chunk']): void {
    if (!isProcessNotification(method)) return;
    try {
      const notification = withChunk(checkNotification(method, params), chunk);
      const process = this.#running.get(notification.processId);
      if (process === undefined) return;
      if ('chunk' in notification) process.printed(notification.stream, notification.chunk);
      else if ('exitCode' in notification) process.exited(notification.exitCode);
      else {
        this.#running.delete(process.id);
        process.closed(notification.seq);
      }
    } catch (cause) {
      if (!(cause instanceof SchemaMismatch)) throw cause;
      const problem = `the server broke the protocol: ${method}: ${cause.message}`;
      void this.#connection.close(new ProtocolError(method, problem, { cause }));
    }
  }

  /** To end a program that never was is answered by every server that runs some, and does nothing. */
  async #probe(): Promise<boolean> {
    if (this.#server.kind === 'app-server' || this.#server.platformOs === 'windows') return false;
    try {
      await this.#connection.request('process/terminate', { processId: '' });
      return true;
    } catch (error) {
      if (hasCode(error, 'unsupported', 'invalid_request')) return false;
      throw error;
    }
  }
}

/** The failure that a shell script about `path` ended with, read off what it said. */
export function scriptFailure(stderr: string, path: string): RpcError {
  const said = stderr.replaceAll(path, '…').trim();
  return errorFromRpc('process/start', rpcCodes.internal, said === '' ? 'the program on the server failed' : said);
}

/** The error for a program whose words are none that its script has. */
export function nonsense(): ProtocolError {
  return new ProtocolError('process/output', 'a program on the server said nonsense');
}

// `serve`: an exec-server for files, over WebSocket, over a pair of streams, or over any transport.

import type { Readable, Writable } from 'node:stream';
import { UsageError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { LineTransport } from '../transport/lines.js';
import type { Transport } from '../transport/Transport.js';
import { type AccessRules, isLoopback, parseListenAddress, type TokenDigest } from './access.js';
import { dialects as allDialects, type Dialect, servedPlace } from './environment.js';
import type { Served } from './methodTable.js';
import { AnswerBudget } from './OperationGate.js';
import { ReadOnlyFileSystem } from './ReadOnlyFileSystem.js';
import { RootedFileSystem } from './RootedFileSystem.js';
import { HostFileSystem, type ServedFileSystem } from './ServedFileSystem.js';
import { Session } from './Session.js';
import { WebSocketListener } from './WebSocketListener.js';

/** What is served, where, and to whom. */
export interface ServeOptions {
  /** `ws://IP:PORT` (default `ws://127.0.0.1:0`) or `stdio`. */
  readonly listen?: string | undefined;
  /** Serve nothing outside of this directory. Linux only. */
  readonly root?: string | undefined;
  readonly readOnly?: boolean | undefined;
  /** The SHA-256 of the bearer token that clients must send; see `readTokenFile` and `parseTokenDigest`. */
  readonly token?: TokenDigest | undefined;
  /** Names that a client may call this server by, besides its addresses and `localhost`. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Lets everyone in who can reach an address beyond loopback. */
  readonly allowUnauthenticated?: boolean | undefined;
  readonly dialects?: readonly Dialect[] | undefined;
  /** What is served instead of this host's files; `root` then has no meaning. */
  readonly fileSystem?: ServedFileSystem | undefined;
  /** The streams of `listen: 'stdio'`; this process's own by default. */
  readonly stdio?: { readonly input: Readable; readonly output: Writable } | undefined;
  readonly deadlines?: ServeDeadlines | undefined;
}

/** Milliseconds; each has its default in `limits`. */
export interface ServeDeadlines {
  readonly upgradeMs?: number;
  readonly initializeMs?: number;
  readonly pingIntervalMs?: number;
  readonly drainMs?: number;
}

/** A server from its start to its end; disposing closes it. */
export interface RunningServer extends AsyncDisposable {
  /** Where clients connect; undefined over stdio. */
  readonly url: string | undefined;
  /** Sessions that have not ended. */
  readonly sessions: number;
  /** File handles of all sessions. */
  readonly openHandles: number;
  /** Resolves when the server has stopped: after `close`, or over stdio when the client is gone. */
  readonly stopped: Promise<void>;
  /** Serves one more client over a channel that is already open. */
  accept(transport: Transport): void;
  /**
   * Accepts no one any more, ends the sessions and closes their files. Idempotent.
   * Resolves false if an operation is still stuck in the system after `limits.shutdownMs`.
   */
  close(): Promise<boolean>;
}

/** A server on a WebSocket address. */
export type ListeningServer = RunningServer & { readonly url: string };

/**
 * Starts serving.
 * @throws {UsageError} for options that make no sense, and for an address beyond loopback without a token
 * @throws {ConnectError} when the address cannot be listened on
 */
export function serve(options?: ServeOptions & { readonly listen?: `ws://${string}` }): Promise<ListeningServer>;
export function serve(options: ServeOptions): Promise<RunningServer>;
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const address = parseListenAddress(options.listen ?? 'ws://127.0.0.1:0');
  if (address.kind === 'ws') refuseOpenDoor(address.host, options);
  const server = new FileServer(await servedBy(options), options.deadlines);
  if (address.kind === 'stdio') server.acceptOnly(stdioTransport(options.stdio));
  else await server.listen(address.host, address.port, accessRules(options));
  return server;
}

async function servedBy(options: ServeOptions): Promise<Served> {
  const rooted = options.root === undefined ? undefined : await RootedFileSystem.open(options.root);
  const whole = options.fileSystem ?? rooted ?? new HostFileSystem();
  return {
    fileSystem: options.readOnly === true ? new ReadOnlyFileSystem(whole) : whole,
    dialects: options.dialects ?? allDialects,
    place: servedPlace(rooted?.root),
  };
}

function accessRules({ token, allowedHosts = [] }: ServeOptions): AccessRules {
  return { token, allowedHosts };
}

function refuseOpenDoor(host: string, { token, allowUnauthenticated }: ServeOptions): void {
  if (token !== undefined || allowUnauthenticated === true || isLoopback(host)) return;
  throw new UsageError(`refusing to listen on ${host} without authentication`, {
    hint: 'use --ws-auth capability-token, or --insecure-no-auth if everyone who reaches the port may have your files',
  });
}

function stdioTransport(streams: ServeOptions['stdio']): Transport {
  const { input, output } = streams ?? { input: process.stdin, output: process.stdout };
  return new LineTransport({
    readable: input,
    writable: output,
    maxMessageBytes: limits.serverMessageBytes,
    peer: 'the client',
  });
}

class FileServer implements RunningServer {
  readonly #served: Served;
  readonly #deadlines: ServeDeadlines;
  readonly #budget = new AnswerBudget();
  readonly #sessions = new Set<Session>();
  #listener: WebSocketListener | undefined;
  #closing: Promise<boolean> | undefined;
  readonly stopped: Promise<void>;
  #settleStopped: () => void = () => {};

  constructor(served: Served, deadlines: ServeDeadlines = {}) {
    this.#served = served;
    this.#deadlines = deadlines;
    this.stopped = new Promise((resolve) => {
      this.#settleStopped = resolve;
    });
  }

  get url(): string | undefined {
    return this.#listener?.url;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get openHandles(): number {
    return [...this.#sessions].reduce((sum, session) => sum + session.openHandles, 0);
  }

  async listen(host: string, port: number, access: AccessRules): Promise<void> {
    this.#listener = await WebSocketListener.open({
      host,
      port,
      access,
      hasRoom: () => this.#sessions.size < limits.serverSessions,
      accepted: (transport) => this.accept(transport),
      upgradeTimeoutMs: this.#deadlines.upgradeMs,
      pingIntervalMs: this.#deadlines.pingIntervalMs,
      drainTimeoutMs: this.#deadlines.drainMs,
    });
  }

  accept(transport: Transport): void {
    this.#begin(transport);
  }

  /** Serves this one client and stops when it is gone. */
  acceptOnly(transport: Transport): void {
    void this.#begin(transport).ended.then(() => this.close());
  }

  close(): Promise<boolean> {
    this.#closing ??= this.#stop().finally(() => this.#settleStopped());
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(transport: Transport): Session {
    const session = new Session(transport, {
      ...this.#served,
      budget: this.#budget,
      initializeTimeoutMs: this.#deadlines.initializeMs,
    });
    this.#sessions.add(session);
    void session.ended.then(() => this.#sessions.delete(session));
    return session;
  }

  async #stop(): Promise<boolean> {
    const sessions = [...this.#sessions];
    const ended = Promise.all([
      this.#listener?.close(),
      ...sessions.map((session) => session.close('the server is stopping', 'going_away')),
      ...sessions.map((session) => session.ended),
    ]);
    const isClean = await Promise.race([ended.then(() => true), later(limits.shutdownMs)]);
    // Closing the root waits for nothing that could be stuck.
    await this.#served.fileSystem[Symbol.asyncDispose]();
    return isClean;
  }
}

/** Resolves false after `ms`, and keeps no process alive for it. */
function later(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms).unref();
  });
}

// From a remote's definition to a file system that is ready: transport, connection, handshake, dialects.

import { NegotiatedDialects, type ServerInfo, shakeHands } from '../dialects/negotiate.js';
import { ProcessDialect } from '../dialects/process.js';
import { ServerPrograms } from '../dialects/ServerPrograms.js';
import { ConnectError, ConnectionClosedError, UsageError } from '../errors.js';
import { HostTools } from '../fs/HostTools.js';
import { RemoteFileSystem } from '../fs/RemoteFileSystem.js';
import { fromWirePath, pathRulesOf } from '../fs/remotePath.js';
import type { RemoteSession } from '../fs/Sessions.js';
import { Connection } from '../rpc/Connection.js';
import type { Transport } from '../transport/Transport.js';
import { version } from '../version.js';
import { redactUrl } from './Location.js';
import { Reconnector, type RetryOptions } from './Reconnector.js';
import type { RemoteSpec } from './registry.js';

/** How to connect, and how long to wait. */
export interface ConnectOptions {
  /** A bearer token for WebSocket servers. Sent only over `wss:` or to this host, unless `allowInsecureToken`. */
  readonly token?: string | undefined;
  /** The same for remotes that have no token of their own, where `token` is not given. */
  readonly tokenOfLastResort?: string | undefined;
  readonly allowInsecureToken?: boolean | undefined;
  /** Milliseconds to reach the server, and again to shake hands with it. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds without an answer before the server counts as gone. */
  readonly idleTimeoutMs?: number | undefined;
  /** Whether programs may be run on the server, for what its file methods cannot do. Default: yes. */
  readonly allowExec?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether a lost connection is made again, how often, and who hears of it. Never, unless given. */
  readonly retry?: Omit<RetryOptions, 'signal'> | undefined;
}

/**
 * Connects to `remote`. The caller disposes what comes back; that ends the connection and a child process with it.
 * @throws {ConnectError} when there is no usable server
 * @throws {UsageError} when a token would travel in the clear
 */
export async function connectRemote(remote: RemoteSpec, options: ConnectOptions = {}): Promise<RemoteFileSystem> {
  const { retry, signal } = options;
  if (retry === undefined || retry.retries === 0) {
    const { connection, server, dialects, tools } = await openSession(remote, options);
    return new RemoteFileSystem(connection, server, dialects, undefined, tools);
  }
  const reconnector = new Reconnector(() => openSession(remote, options), { ...retry, signal });
  const { connection, server, dialects, tools } = await reconnector.first();
  return new RemoteFileSystem(connection, server, dialects, reconnector, tools);
}

async function openSession(remote: RemoteSpec, options: ConnectOptions): Promise<RemoteSession> {
  const transport = await openTransport(remote, options);
  const connection = new Connection(transport, { idleTimeoutMs: options.idleTimeoutMs });
  try {
    const server = await shakeHands(connection, {
      clientVersion: version,
      url: addressOf(remote),
      kind: remote.kind,
      timeoutMs: options.connectTimeoutMs ?? remote.initializeTimeoutMs,
      signal: options.signal,
    });
    return sessionOf(connection, server, options);
  } catch (error) {
    await connection.close(error instanceof ConnectError ? error : 'the handshake failed');
    throw error instanceof ConnectError ? withAsides(error, transport.asides) : error;
  }
}

function sessionOf(connection: Connection, server: ServerInfo, { allowExec = true }: ConnectOptions): RemoteSession {
  if (!allowExec) return { connection, server, dialects: new NegotiatedDialects(connection, server) };
  const programs = new ServerPrograms(connection, server);
  const rules = pathRulesOf(server.platformOs);
  const throughPrograms = new ProcessDialect(connection, programs, (path) => fromWirePath(path, rules));
  const dialects = new NegotiatedDialects(connection, server, throughPrograms);
  return { connection, server, dialects, tools: new HostTools(programs) };
}

/** How people are told where a remote is: its URL or its command. */
export function addressOf({ target }: RemoteSpec): string {
  return target.kind === 'webSocket'
    ? redactUrl(target.url)
    : [target.command.program, ...target.command.args].join(' ');
}

/** A server that ends the connection says why itself; of one that does not answer, or not as it should, this is all that is known. */
function withAsides(error: ConnectError, hint: string | undefined): ConnectError {
  const { cause, phase, url, message } = error;
  if (hint === undefined || cause instanceof ConnectionClosedError) return error;
  return new ConnectError(phase, url, message, { cause, hint });
}

async function openTransport(remote: RemoteSpec, options: ConnectOptions): Promise<Transport> {
  const { target } = remote;
  if (target.kind === 'command') {
    const { spawnStdioServer } = await import('../transport/stdio.js');
    return spawnStdioServer(target.command);
  }
  const { url } = target;
  const shownUrl = addressOf(remote);
  const token = options.token ?? remote.token?.reveal() ?? options.tokenOfLastResort;
  if (token !== undefined && !options.allowInsecureToken && !isPrivate(url)) {
    throw new UsageError(`the token would travel to ${shownUrl} unencrypted`, {
      hint: 'use a wss:// address, or --insecure-token if the network is trusted',
    });
  }
  const { connectWebSocket } = await import('../transport/webSocket.js');
  const connectTimeoutMs = options.connectTimeoutMs ?? remote.connectTimeoutMs;
  return connectWebSocket(url, { shownUrl, token, connectTimeoutMs, signal: options.signal });
}

/** Whether what is sent to `url` is encrypted or never leaves this host. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'wss:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

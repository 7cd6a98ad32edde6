// `codexfs serve`: options, the URL on stdout, and an end within two seconds of being told to.

import type { Readable, Writable } from 'node:stream';
import { CancelledError, UsageError } from '../../errors.js';
import { parseTokenDigest, readTokenFile, type TokenDigest } from '../../server/access.js';
import { type Dialect, dialects } from '../../server/environment.js';
import { type ServeOptions, serve } from '../../server/serve.js';
import { expectLong } from '../engine.js';

/** The options as they were given. */
export interface ServeCliOptions {
  readonly listen?: string;
  readonly root?: string;
  readonly readOnly?: boolean;
  readonly wsAuth?: string;
  readonly wsTokenFile?: string;
  readonly wsTokenSha256?: string;
  readonly allowHost?: readonly string[];
  readonly insecureNoAuth?: boolean;
  readonly dialects?: string;
}

/** The world of the command. */
export interface ServeIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Told to stop by a CancelledError with a signal; any other reason is none to stop serving. */
  readonly stop: AbortSignal;
  /** Called instead of returning when an operation is stuck in the system and would keep the process from ending. */
  readonly abandon: () => void;
  readonly fileSystem?: ServeOptions['fileSystem'];
}

/**
 * Serves until `io.stop` fires or, over stdio, until the client is gone.
 * @throws {UsageError | ConnectError} when serving cannot begin
 */
export async function runServe(options: ServeCliOptions, io: ServeIo): Promise<void> {
  expectLong();
  const server = await serve({ ...(await serveOptionsOf(options)), ...streamsOf(io), fileSystem: io.fileSystem });
  if (server.url !== undefined) announce(server.url, options, io);
  await Promise.race([server.stopped, stopRequested(io.stop)]);
  if (!(await server.close())) io.abandon();
}

function streamsOf(io: ServeIo): Pick<ServeOptions, 'stdio'> {
  return { stdio: { input: io.stdin, output: io.stdout } };
}

/** The URL stands alone on stdout, for scripts; whoever reads it may go away after. */
function announce(url: string, options: ServeCliOptions, io: ServeIo): void {
  io.stdout.write(`${url}\n`);
  if (hasToken(options)) return;
  io.stderr.write(
    'codexfs: serve: no authentication: every user of this host can do here what you can (see --ws-auth)\n',
  );
}

/** Whoever read the URL may go away; only a signal stops the server. */
function stopRequested(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const heed = () => {
      if (stop.reason instanceof CancelledError && stop.reason.signal !== undefined) resolve();
    };
    if (stop.aborted) heed();
    else stop.addEventListener('abort', heed, { once: true });
  });
}

/** @throws {UsageError} */
async function serveOptionsOf(options: ServeCliOptions): Promise<ServeOptions> {
  return {
    listen: options.listen,
    root: options.root,
    readOnly: options.readOnly,
    token: await tokenOf(options),
    allowedHosts: options.allowHost,
    allowUnauthenticated: options.insecureNoAuth,
    dialects: dialectsOf(options.dialects),
  };
}

function hasToken(options: ServeCliOptions): boolean {
  return options.wsTokenFile !== undefined || options.wsTokenSha256 !== undefined;
}

async function tokenOf(options: ServeCliOptions): Promise<TokenDigest | undefined> {
  const { wsAuth, wsTokenFile, wsTokenSha256 } = options;
  if (wsAuth === undefined) {
    if (hasToken(options)) throw new UsageError('a token needs --ws-auth capability-token');
    return undefined;
  }
  if (wsTokenFile !== undefined && wsTokenSha256 !== undefined) {
    throw new UsageError('--ws-token-file and --ws-token-sha256 exclude each other');
  }
  if (wsTokenFile !== undefined) return readTokenFile(wsTokenFile);
  if (wsTokenSha256 !== undefined) return parseTokenDigest(wsTokenSha256);
  throw new UsageError('--ws-auth capability-token needs --ws-token-file or --ws-token-sha256');
}

function dialectsOf(list: string | undefined): Dialect[] | undefined {
  if (list === undefined) return undefined;
  const words = list.split(',').map((word) => word.trim());
  return words.map((word) => {
    const dialect = dialects.find((candidate) => candidate === word);
    if (dialect !== undefined) return dialect;
    throw new UsageError(`unknown dialect \`${word}\`: expected a list of ${dialects.join(', ')}`);
  });
}

// `codexfs serve`: options, the URL on stdout, and an end within two seconds of being told to.

import type { Readable, Writable } from 'node:stream';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { parseTokenDigest, readTokenFile, type TokenDigest } from '../server/access.js';
import { type Dialect, dialects } from '../server/environment.js';
import { type RunningServer, type ServeOptions, serve } from '../server/serve.js';

/** The options as commander hands them over. */
export interface ServeCliOptions {
  readonly listen?: string;
  readonly root?: string;
  readonly readOnly?: boolean;
  readonly wsAuth?: string;
  readonly wsTokenFile?: string;
  readonly wsTokenSha256?: string;
  readonly allowHost?: readonly string[];
  /** Commander's form of `--insecure-no-auth`. */
  readonly insecureNoAuth?: boolean;
  readonly dialects?: string;
}

/** The world of the command; this process by default. */
export interface ServeIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Told to stop; its reason is the signal's name. */
  readonly stop: AbortSignal;
  /** Called instead of returning when an operation is stuck in the system and would keep the process from ending. */
  readonly abandon: (signal: NodeJS.Signals) => void;
  readonly fileSystem?: ServeOptions['fileSystem'];
}

/**
 * Serves until `io.stop` fires or, over stdio, until the client is gone.
 * @throws {UsageError | ConnectError} when serving cannot begin
 */
export async function runServe(options: ServeCliOptions, io: ServeIo): Promise<void> {
  const server = await serve({ ...(await serveOptionsOf(options)), ...streamsOf(io), fileSystem: io.fileSystem });
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => {});
  if (server.url !== undefined) announce(server.url, options, io);
  await Promise.race([server.stopped, stopRequested(io.stop)]);
  await stop(server, io);
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

function stopRequested(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function stop(server: RunningServer, io: ServeIo): Promise<void> {
  if (await server.close()) return;
  io.abandon(io.stop.aborted ? (io.stop.reason as NodeJS.Signals) : 'SIGTERM');
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

/** Adds `serve` to `program`. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('serve this host’s files to codexfs and to other clients of exec-servers')
    .option('--listen <address>', 'ws://IP:PORT (port 0: any free one) or stdio', 'ws://127.0.0.1:0')
    .option('--root <dir>', 'serve nothing outside of this directory')
    .option('--read-only', 'change nothing')
    .addOption(new Option('--ws-auth <kind>', 'what clients must show').choices(['capability-token']))
    .option('--ws-token-file <file>', 'the token; only its owner may be able to read the file')
    .option('--ws-token-sha256 <hex>', 'the SHA-256 of the token')
    .option('--allow-host <name>', 'a Host that clients may name (repeatable)', collect, [])
    .option('--insecure-no-auth', 'listen beyond loopback without a token')
    .option('--dialects <list>', 'the file methods to offer', dialects.join(','))
    .action((options: ServeCliOptions) => withSignals((io) => runServe(options, io)));
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` with this process's streams. The first signal stops it, the second kills. After SIGTERM a clean end is
 * success; the others are raised again, so that a shell loop around the command stops too.
 */
async function withSignals(work: (io: ServeIo) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) raise(signal);
    controller.abort(signal);
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  try {
    const { stdin, stdout, stderr } = process;
    await work({ stdin, stdout, stderr, stop: controller.signal, abandon: raise });
  } finally {
    for (const signal of stopSignals) process.off(signal, onSignal);
  }
  const { aborted, reason } = controller.signal;
  if (aborted && reason !== 'SIGTERM') raise(reason as NodeJS.Signals);
}

/** Dies of `signal`: unlike `process.exit` this does not wait for threads that are stuck in a system call. */
function raise(signal: NodeJS.Signals): void {
  for (const name of stopSignals) process.removeAllListeners(name);
  process.kill(process.pid, signal);
}

// Where faults happen: servers that many runs share, folders on both sides, and copies between them with a fault on the way.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { contentOf } from '../helpers/content.js';
import { descriptorsBelow } from '../helpers/processes.js';
import { type RunOptions, runCodexfs } from '../helpers/runCodexfs.js';
import { runInProcess } from '../helpers/runInProcess.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import type { Fault, Tap } from './FaultyStream.js';
import { faultPipe } from './faultPipe.js';
import { type FaultProxy, type FaultProxyOptions, faultProxy } from './faultProxy.js';
import type { RunRecord, Status } from './oracle.js';

/** `serve` speaks handles, `blocks` is serve without them, `codex` the real exec-server. */
export type ServerKind = 'serve' | 'blocks' | 'codex';
export type Way = 'ws' | 'stdio';
export type Direction = 'up' | 'down' | 'across';
/** The end of a copy that a fault is on the way to. Up has only the one it goes to, down only the one it comes from. */
export type Leg = 'from' | 'to';

export const kinds: readonly ServerKind[] = ['serve', 'codex'];

export interface Journey {
  readonly direction: Direction;
  readonly server: ServerKind;
  readonly way?: Way;
  /** Which server of a copy between two has the fault. */
  readonly leg?: Leg;
}

/** The name of a journey in a row. */
export function nameOf({ direction, server, way = 'ws', leg }: Journey): string {
  return [direction, leg, way, server].filter((word) => word !== undefined).join(' ');
}

export interface CopyOptions {
  readonly faults?: readonly Fault[];
  readonly tap?: Tap;
  /** More about the network. */
  readonly network?: Partial<FaultProxyOptions>;
  /** Hears of the proxy when it is up. */
  readonly onProxy?: (proxy: FaultProxy) => void;
  /** Words behind `cp`. */
  readonly words?: readonly string[];
  readonly sizeBytes?: number;
  readonly chunk?: string;
  readonly seed?: number;
  /** Whether the destination is there before, with other content. */
  readonly hasOld?: boolean;
  /** A program of its own instead of the command line in this process. */
  readonly real?: RunOptions;
  /** Servers that take the place of the shared ones. */
  readonly servers?: Partial<Record<Leg, TestServer>>;
  /** Where the files are, instead of a new temporary folder. */
  readonly folders?: Partial<Record<Leg, string>>;
  /** Hears of the paths before the copy begins. */
  readonly prepare?: (paths: { readonly from: string; readonly to: string }) => unknown;
  /** Whether the server is gone when the copy is over, so that there is nothing to wait for. */
  readonly isServerLost?: boolean;
  /** More states of the source that may end up at the destination. */
  readonly otherSources?: () => readonly Buffer[];
}

/** Longer than most copies, so that what is left of it shows. */
const oldContent = contentOf(100_000, 99);
export const oldBytes = oldContent.length;
/** Three of the chunks below, the last one short; too large to be copied in one go. */
const defaultSize = 90_000;
/** A file that is copied in one go, so large that its memory is used again. */
export const small = { sizeBytes: 140_000, chunk: '256K' } as const;
/** The same for chunks of any size. */
export const smallSize = 30_000;

export class Ground implements AsyncDisposable {
  readonly #servers = new Map<string, Promise<TestServer>>();
  #folder: TemporaryDirectory | undefined;
  #runs = 0;

  /** A server that is shared by all runs that ask for `name`. */
  server(kind: ServerKind, leg: Leg = 'from'): Promise<TestServer> {
    const key = `${kind} ${leg}`;
    const server = this.#servers.get(key) ?? startServer(kind, 'ws');
    this.#servers.set(key, server);
    return server;
  }

  /** A new folder below one that goes with the ground. */
  async folder(): Promise<string> {
    this.#folder ??= await temporaryDirectory();
    return (await temporaryDirectory(this.#folder.path)).path;
  }

  /** One copy of one file; resolves when it is over and its servers have let go of the files. */
  async copy(journey: Journey, options: CopyOptions = {}): Promise<RunRecord> {
    const { sizeBytes = defaultSize, seed = 1 } = options;
    const fromFolder = options.folders?.from ?? (await this.folder());
    const toFolder = options.folders?.to ?? (await this.folder());
    const paths = { from: `${fromFolder}/a-${++this.#runs}`, to: `${toFolder}/b-${this.#runs}` };
    const source = contentOf(sizeBytes, seed);
    await writeFile(paths.from, source);
    const before = options.hasOld === true ? oldContent : undefined;
    if (before !== undefined) await writeFile(paths.to, before);
    await options.prepare?.(paths);
    const present = new Set(await readdir(toFolder));
    const ended = await this.#run(journey, paths, options);
    const strays = (await readdir(toFolder)).map((name) => `${toFolder}/${name}`);
    const after = await readFile(paths.to).catch(() => undefined);
    const sources = [source, ...(options.otherSources?.() ?? [])];
    const isStray = (path: string) => path !== paths.to && !present.has(path.slice(toFolder.length + 1));
    const shown = journey.direction === 'down' ? paths.to : `to:${paths.to}`;
    return { ...ended, files: [{ shown, sources, before, after }], strays: strays.filter(isStray) };
  }

  /** Copies, hangs up, and waits until the servers hold the files no longer: what they were sent has then taken effect. */
  async #run(journey: Journey, paths: { readonly from: string; readonly to: string }, options: CopyOptions) {
    const servers: { readonly server: TestServer; readonly path: string }[] = [];
    const ended = await this.#through(journey, paths, options, (server, path) => servers.push({ server, path }));
    for (const { server, path } of servers) if (options.isServerLost !== true) await released(server, path);
    return ended;
  }

  async #through(
    journey: Journey,
    paths: { readonly from: string; readonly to: string },
    options: CopyOptions,
    reached: (server: TestServer, path: string) => void,
  ) {
    await using from = journey.direction === 'up' ? undefined : await this.#reach('from', journey, options);
    await using to = journey.direction === 'down' ? undefined : await this.#reach('to', journey, options);
    if (from !== undefined) reached(from.server, paths.from);
    if (to !== undefined) reached(to.server, paths.to);
    const words = [
      ...(from === undefined ? [] : ['--remote', `from=${from.remote}`]),
      ...(to === undefined ? [] : ['--remote', `to=${to.remote}`]),
      // A fault that another attempt gets over shows nothing of what it left; rows that want attempts say so.
      ...['cp', '--retries', '0', '--chunk', options.chunk ?? '32K', ...(options.words ?? [])],
      ...[from === undefined ? paths.from : `from:${paths.from}`, to === undefined ? paths.to : `to:${paths.to}`],
    ];
    return await runWords(words, options.real);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) await (await server)[Symbol.asyncDispose]();
    await this.#folder?.[Symbol.asyncDispose]();
  }

  /** The way to one end: through a proxy, or a pipe. */
  async #reach(leg: Leg, journey: Journey, options: CopyOptions): Promise<Reached> {
    const { server: kind, way = 'ws', direction } = journey;
    const isFaulty = direction !== 'across' || leg === (journey.leg ?? 'to');
    const faults = isFaulty ? (options.faults ?? []) : [];
    if (way === 'stdio') {
      const server = await startServer(kind, 'stdio', faults.length === 0 ? [] : faultPipe(faults));
      return { server, remote: server.remote, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    }
    const server = options.servers?.[leg] ?? (await this.server(kind, leg));
    const network = isFaulty ? options.network : undefined;
    const proxy = await faultProxy({
      target: server.remote,
      faults,
      tap: isFaulty ? options.tap : undefined,
      ...network,
    });
    if (isFaulty) options.onProxy?.(proxy);
    return { server, remote: proxy.url, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
  }
}

interface Reached extends AsyncDisposable {
  readonly server: TestServer;
  readonly remote: string;
}

/** Starts one of the servers. */
export function startServer(kind: ServerKind, listen: Way, wrapper: readonly string[] = []): Promise<TestServer> {
  if (kind === 'codex') return startCodexExecServer({ listen, wrapper });
  const dialects = kind === 'blocks' ? ['--dialects', 'blocks,buffered'] : [];
  // Behind a proxy it is reached by another port than its own.
  return startCodexfsServe({ listen, wrapper, args: ['--allow-host', '127.0.0.1', ...dialects] });
}

/** Runs a command line, in this process unless `real` says how else. */
export async function runWords(
  words: readonly string[],
  real?: RunOptions,
): Promise<{ status: Status; stderr: string; stdout: string }> {
  if (real === undefined) return runInProcess(words);
  const { exitCode, signal, stderr, stdout } = await runCodexfs(words, real);
  return { status: signal ?? exitCode ?? -1, stderr, stdout: stdout.toString('utf8') };
}

/** Waits until `server` holds `path` no longer. */
async function released(server: TestServer, path: string): Promise<void> {
  const deadline = performance.now() + 8_000;
  for (;;) {
    const held = await descriptorsBelow(server.pid ?? -1, path).catch(() => []);
    if (held.length === 0) return;
    if (performance.now() > deadline) throw new Error(`the server keeps ${path} open`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// The handshake, what the server says of itself in it, and the choice of dialects that follows.

import { asError, ConnectError, hasCode, ProtocolError, TimeoutError } from '../errors.js';
import type {
  OpenReadOptions,
  OpenWriteOptions,
  ReadHandle,
  ReadWholeOptions,
  WholeFile,
  WriteHandle,
} from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Result } from '../protocol/methods.js';
import type { Connection } from '../rpc/Connection.js';
import { BlocksDialect } from './blocks.js';
import { BufferedDialect } from './buffered.js';
import { type Dialect, type DialectName, isUnknownMethod } from './Dialect.js';
import { HandlesDialect } from './handles.js';

/** What a server said of itself. Everything but `kind` may be missing, by age. */
export interface ServerInfo {
  readonly kind: 'exec-server' | 'app-server';
  readonly version: string | undefined;
  readonly platformOs: string | undefined;
  /** Where relative paths start and what `~` is, in the wire's form. */
  readonly cwd: string | undefined;
  readonly userHomeDir: string | undefined;
  /** How it wants paths: `file:` URIs, or absolute paths of its own platform. */
  readonly pathForm: 'uri' | 'native';
  readonly capabilities: Readonly<Record<string, unknown>>;
}

export interface HandshakeOptions {
  readonly clientVersion: string;
  /** The address as shown to people. */
  readonly url: string;
  /** What the server must turn out to be. Either kind by default, which is found out. */
  readonly kind?: ServerInfo['kind'] | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Shakes hands. One request serves both kinds of server: each reads the member that it knows and passes over the other.
 * @throws {ConnectError} phase `handshake` when what answers is no exec-server or answers nothing
 */
export async function shakeHands(connection: Connection, options: HandshakeOptions): Promise<ServerInfo> {
  const { url, kind, signal } = options;
  const requestOptions = { signal, timeoutMs: options.timeoutMs ?? limits.initializeTimeoutMs };
  const clientInfo = { name: 'codexfs', title: 'codexfs', version: options.clientVersion };
  try {
    const hello = kind === 'app-server' ? { clientInfo } : { clientName: 'codexfs', clientInfo };
    const answer = await connection.request('initialize', hello, requestOptions);
    connection.notify('initialized');
    if (answer.userAgent !== undefined) return appServerInfo(answer);
    if (kind === 'app-server') throw new ProtocolError('initialize', 'it answers as exec-servers do');
    const environment = answer.environmentInfo ?? (await askEnvironment(connection, requestOptions));
    return execServerInfo(environment);
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const hint = kind === 'app-server' ? 'an exec-server is defined without app+' : undefined;
    throw new ConnectError('handshake', url, `${url} did not shake hands: ${handshakeProblem(cause)}`, { cause, hint });
  }
}

function handshakeProblem(cause: unknown): string {
  if (cause instanceof TimeoutError) return `no answer for ${cause.afterMs / 1000} s`;
  if (hasCode(cause, 'protocol_violation')) return `it does not speak the exec-server protocol (${cause.message})`;
  return asError(cause).message;
}

type Environment = Result<'environment/info'>;

/** Servers of 0.142 to 0.156 tell their environment only when asked, older ones not at all. */
async function askEnvironment(
  connection: Connection,
  options: { signal: AbortSignal | undefined; timeoutMs: number },
): Promise<Environment | undefined> {
  try {
    return await connection.request('environment/info', {}, options);
  } catch (error) {
    if (isUnknownMethod(error) || hasCode(error, 'invalid_request')) return undefined;
    throw error;
  }
}

function execServerInfo(environment: Environment | undefined): ServerInfo {
  return {
    kind: 'exec-server',
    version: environment?.executorVersion ?? undefined,
    platformOs: environment?.platformOs ?? undefined,
    cwd: environment?.cwd ?? undefined,
    userHomeDir: environment?.userHomeDir ?? undefined,
    pathForm: environment === undefined ? 'native' : 'uri',
    capabilities: environment?.capabilities ?? {},
  };
}

function appServerInfo(answer: Result<'initialize'>): ServerInfo {
  return {
    kind: 'app-server',
    version: /\/(\S+)/.exec(answer.userAgent ?? '')?.[1],
    platformOs: answer.platformOs,
    cwd: undefined,
    userHomeDir: undefined,
    pathForm: 'native',
    capabilities: {},
  };
}

/** A dialect of file methods, of which a server has some by its age. */
type FileDialectName = Exclude<DialectName, 'process'>;

type OneOrMore<T> = readonly [T, ...T[]];

/** The dialects to try, best first. `blocks` writes only where they are announced: older servers open for reading instead, without a word. */
export function dialectsOf(server: ServerInfo): {
  readonly read: OneOrMore<FileDialectName>;
  readonly write: OneOrMore<FileDialectName>;
} {
  const { capabilities } = server;
  if (capabilities.fileHandleStreaming === true) return { read: ['handles'], write: ['handles'] };
  if (server.kind === 'app-server') return { read: ['handles', 'buffered'], write: ['handles', 'buffered'] };
  const canWriteBlocks = capabilities.fileWriteStreaming === true;
  return {
    read: ['blocks', 'handles', 'buffered'],
    write: canWriteBlocks ? ['blocks', 'handles', 'buffered'] : ['handles', 'buffered'],
  };
}

/** Opens with the first dialect of each list that the server turns out to have, and stays with it. */
export class NegotiatedDialects {
  readonly #candidates: { read: OneOrMore<Dialect>; write: OneOrMore<Dialect> };
  readonly #buffered: BufferedDialect;
  /** Whether the server has not said that it knows no whole files. Every released one knows them. */
  #hasWholeFiles = true;

  /** `beyond` carries what is too large for whole messages, where a server has nothing but those. */
  constructor(connection: Connection, server: ServerInfo, beyond?: Dialect) {
    this.#buffered = new BufferedDialect(connection, beyond);
    const dialects = {
      handles: new HandlesDialect(connection),
      blocks: new BlocksDialect(connection),
      buffered: this.#buffered,
    };
    const named = ([best, ...others]: OneOrMore<FileDialectName>): OneOrMore<Dialect> => [
      dialects[best],
      ...others.map((name) => dialects[name]),
    ];
    const names = dialectsOf(server);
    this.#candidates = { read: named(names.read), write: named(names.write) };
  }

  /** The dialects in use, or about to be tried. */
  get current(): { readonly read: DialectName; readonly write: DialectName } {
    return { read: this.#candidates.read[0].name, write: this.#candidates.write[0].name };
  }

  openRead(path: string, options: OpenReadOptions): Promise<ReadHandle> {
    return this.#firstKnown('read', (dialect) => dialect.openRead(path, options));
  }

  openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    return this.#firstKnown('write', (dialect) => dialect.openWrite(path, options));
  }

  /** A file of at most `maxBytes` bytes without a handle; undefined where that cannot be. */
  readWhole(path: string, maxBytes: number, options: ReadWholeOptions): Promise<WholeFile | undefined> {
    return this.#ifWhole(() => this.#buffered.readWhole(path, maxBytes, options));
  }

  /** A small file without a handle. Resolves with whether the server can do it. */
  async writeWhole(path: string, bytes: Buffer): Promise<boolean> {
    const written = await this.#ifWhole(() => this.#buffered.writeWhole(path, bytes).then(() => true));
    return written ?? false;
  }

  async #ifWhole<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!this.#hasWholeFiles) return undefined;
    try {
      return await work();
    } catch (error) {
      if (!isUnknownMethod(error)) throw error;
      this.#hasWholeFiles = false;
      return undefined;
    }
  }

  async #firstKnown<T>(direction: 'read' | 'write', open: (dialect: Dialect) => Promise<T>): Promise<T> {
    for (;;) {
      const [dialect, next, ...others] = this.#candidates[direction];
      try {
        return await open(dialect);
      } catch (error) {
        if (next === undefined || !isUnknownMethod(error)) throw error;
        // Several opens may find out at once; only the first of them moves on.
        if (this.#candidates[direction][0] === dialect) this.#candidates[direction] = [next, ...others];
      }
    }
  }
}

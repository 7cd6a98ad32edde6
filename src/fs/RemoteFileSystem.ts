// A server's file system behind the seam: handles through the negotiated dialects, everything else by the companion methods.

import type { posix } from 'node:path';
import type { NegotiatedDialects, ServerInfo } from '../dialects/negotiate.js';
import { CodexfsError, FileError, ProtocolError, RpcError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Params, Result } from '../protocol/methods.js';
import type { Connection } from '../rpc/Connection.js';
import type { RequestOptions } from '../rpc/RequestOptions.js';
import { entryNameProblem, type NamePlatform, platformOfServer } from './entryName.js';
import type {
  AttributeChange,
  DirectoryEntry,
  FileAttributes,
  FileInfo,
  FileSystem,
  OpenReadOptions,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadWholeOptions,
  SeenFile,
  WholeFile,
  WriteHandle,
} from './FileSystem.js';
import { GrowthWatch } from './GrowthWatch.js';
import type { HostTools } from './HostTools.js';
import { checkRemotePath, fromWirePath, isAbsolutePath, pathRulesOf, toFileUri } from './remotePath.js';
import { type RemoteSession, type Renewal, Sessions } from './Sessions.js';

/** The files of a server, over the connection that `connect` made. Disposing it ends that connection. */
export class RemoteFileSystem implements FileSystem {
  readonly namePlatform: NamePlatform;
  readonly #sessions: Sessions;
  readonly #rules: typeof posix;

  /**
   * Takes over `connection`, whose handshake is done. With `renewal`, what is asked for after its end makes another session. Without
   * `tools` no program is run on the server.
   */
  constructor(
    connection: Connection,
    server: ServerInfo,
    dialects: NegotiatedDialects,
    renewal?: Renewal,
    tools?: HostTools,
  ) {
    this.#sessions = new Sessions({ connection, server, dialects, tools }, renewal);
    this.#rules = pathRulesOf(server.platformOs);
    this.namePlatform = platformOfServer(server.platformOs);
  }

  /** What the server said of itself, the last time. */
  get server(): ServerInfo {
    return this.#sessions.current.server;
  }

  /** The dialects in use, or about to be tried. */
  get dialects(): NegotiatedDialects['current'] {
    return this.#sessions.current.dialects.current;
  }

  /** Why the connection has ended; undefined while it is usable. */
  get endedBy(): CodexfsError | undefined {
    return this.#sessions.current.connection.endedBy;
  }

  /** Milliseconds from a request to its answer, where that was quickest. */
  get roundTripMs(): number | undefined {
    return this.#sessions.current.connection.roundTripMs;
  }

  /** As far as is known by now: the first open finds out. */
  get areHandlesHeavy(): boolean {
    return Object.values(this.dialects).some((name) => name !== 'handles' && name !== 'blocks');
  }

  openRead(path: string, options: OpenReadOptions = {}): Promise<ReadHandle> {
    return onPath('open', path, () =>
      this.#sessions.repeat(({ dialects }) => dialects.openRead(this.#toWire(path), options)),
    );
  }

  openWrite(path: string, options: OpenWriteOptions = {}): Promise<WriteHandle> {
    return onPath('open', path, async () => {
      const { dialects } = await this.#sessions.live();
      return dialects.openWrite(this.#toWire(path), options);
    });
  }

  readWhole(path: string, maxBytes: number, options: ReadWholeOptions = {}): Promise<WholeFile | undefined> {
    return onPath('read', path, () =>
      this.#sessions.repeat(({ dialects }) => dialects.readWhole(this.#toWire(path), maxBytes, options)),
    );
  }

  writeWhole(path: string, bytes: Buffer): Promise<boolean> {
    return onPath('write', path, async () => {
      const { dialects } = await this.#sessions.live();
      return dialects.writeWhole(this.#toWire(path), bytes);
    });
  }

  async stat(path: string, options: OperationOptions = {}): Promise<FileInfo> {
    const answer = await this.#call('stat', path, 'fs/getMetadata', { path: this.#toWire(path) }, options);
    return {
      kind: kindOf(answer),
      isSymlink: answer.isSymlink,
      sizeBytes: answer.size ?? undefined,
      createdAtMs: answer.createdAtMs,
      modifiedAtMs: answer.modifiedAtMs,
      mode: undefined,
      identity: undefined,
    };
  }

  async list(path: string, options: OperationOptions = {}): Promise<DirectoryEntry[]> {
    const more = { ...options, maxAnswerBytes: limits.listingBytes };
    const { entries } = await this.#call('list', path, 'fs/readDirectory', { path: this.#toWire(path) }, more);
    return entries.map((entry) => {
      const problem = entryNameProblem(entry.fileName);
      const { fileName: name, isSymlink } = entry;
      return { name, kind: kindOf(entry), isSymlink, ...(problem === undefined ? {} : { problem }) };
    });
  }

  async makeDirectory(path: string, options: { readonly recursive: boolean }): Promise<void> {
    await this.#call('create directory', path, 'fs/createDirectory', { path: this.#toWire(path), ...options });
  }

  async remove(path: string, options: { readonly recursive: boolean; readonly force: boolean }): Promise<void> {
    await this.#call('remove', path, 'fs/remove', { path: this.#toWire(path), ...options });
  }

  /** A large file takes the server longer than any deadline for one request, so the destination's growth counts as progress. */
  async copyWithin(from: string, to: string, options: OperationOptions = {}): Promise<void> {
    const params = { sourcePath: this.#toWire(from), destinationPath: this.#toWire(to), recursive: false };
    // A copy that is given up is not waited for any longer: its late answer means nothing.
    const giveUp = new AbortController();
    const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([options.signal, giveUp.signal]);
    const watch = new GrowthWatch(() => this.stat(to).then((info) => info.sizeBytes));
    try {
      const copying = this.#call('copy', from, 'fs/copy', params, { signal, timeoutMs: Number.POSITIVE_INFINITY });
      await Promise.race([copying, watch.stalled]);
    } finally {
      watch.stop();
      giveUp.abort();
    }
  }

  hashFiles(paths: readonly string[], options: OperationOptions = {}): Promise<ReadonlyMap<string, string>> {
    return this.#sessions.repeat(async ({ tools }) => tools?.hashFiles(paths, options) ?? new Map());
  }

  readSizes(directories: readonly string[], options: OperationOptions = {}): Promise<ReadonlyMap<string, SeenFile>> {
    return this.#sessions.repeat(async ({ tools }) => tools?.readSizes(directories, options) ?? new Map());
  }

  readModes(paths: readonly string[], options: OperationOptions = {}): Promise<ReadonlyMap<string, number>> {
    return this.#sessions.repeat(async ({ tools }) => tools?.readModes(paths, options) ?? new Map());
  }

  setManyAttributes(
    changes: readonly AttributeChange[],
    options: OperationOptions = {},
  ): Promise<(readonly (keyof FileAttributes)[])[]> {
    const nothing = changes.map(({ attributes }) => Object.keys(attributes) as (keyof FileAttributes)[]);
    return this.#sessions.repeat(async ({ tools }) => tools?.setAttributes(changes, options) ?? nothing);
  }

  async canonicalize(path: string, options: OperationOptions = {}): Promise<string> {
    const answer = await this.#call('resolve', path, 'fs/canonicalize', { path: this.#toWire(path) }, options);
    if (answer.path.length > limits.pathChars) {
      throw new ProtocolError('path', `the server sent a path of ${answer.path.length} characters`);
    }
    return fromWirePath(answer.path, this.#rules);
  }

  resolve(path: string): string {
    if (/^file:\/\//i.test(path)) return fromTypedUri(path, this.#rules);
    if (isAbsolutePath(path, this.#rules)) return path;
    const isHome = path === '~' || path.startsWith('~/') || path.startsWith(`~${this.#rules.sep}`);
    const base = isHome ? this.server.userHomeDir : this.server.cwd;
    if (base === undefined) {
      const what = isHome ? 'its home directory' : 'its working directory';
      throw new CodexfsError('unsupported', `this server does not say what ${what} is, so \`${path}\` has no meaning`, {
        hint: 'give an absolute path',
      });
    }
    const rest = isHome ? path.slice(2) : path;
    const directory = fromWirePath(base, this.#rules);
    // On Windows such a path lacks only its drive.
    if (!isHome && /^[\\/]/.test(rest)) return this.join(this.#rules.parse(directory).root, rest.slice(1));
    return rest === '' || rest === '.' ? directory : this.join(directory, rest);
  }

  join(directory: string, name: string): string {
    const separator = this.#rules.sep;
    return directory.endsWith(separator) || directory.endsWith('/') ? directory + name : directory + separator + name;
  }

  basename(path: string): string {
    return this.#rules.basename(path);
  }

  dirname(path: string): string {
    return this.#rules.dirname(path);
  }

  /** Ends the connection; whatever is still open on it is closed by the server. */
  close(): Promise<void> {
    return this.#sessions.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<M extends CompanionMethod>(
    operation: string,
    path: string,
    method: M,
    params: Params<M>,
    options: OperationOptions & Pick<RequestOptions, 'timeoutMs' | 'maxAnswerBytes'> = {},
  ): Promise<Result<M>> {
    const request = ({ connection }: RemoteSession) => connection.request(method, params, options);
    return onPath(operation, path, async () => {
      // What changes something is not asked for again when nobody knows whether it took effect.
      if (!isRepeatable(method, params)) return request(await this.#sessions.live());
      return this.#sessions.repeat(request);
    });
  }

  #toWire(path: string): string {
    checkRemotePath(path);
    const absolute = this.resolve(path);
    return this.server.pathForm === 'uri' ? toFileUri(absolute, this.#rules) : absolute;
  }
}

/** @throws {CodexfsError} `invalid_request`, when a user's URI is none */
function fromTypedUri(uri: string, rules: typeof posix): string {
  try {
    return fromWirePath(uri, rules);
  } catch (cause) {
    throw new CodexfsError('invalid_request', `\`${uri}\` is not the URI of a file`, { cause });
  }
}

type CompanionMethod =
  | 'fs/getMetadata'
  | 'fs/readDirectory'
  | 'fs/createDirectory'
  | 'fs/remove'
  | 'fs/copy'
  | 'fs/canonicalize';

function isRepeatable(method: CompanionMethod, params: object): boolean {
  if (method === 'fs/createDirectory') return 'recursive' in params && params.recursive === true;
  return method !== 'fs/copy' && method !== 'fs/remove';
}

function kindOf(entry: { readonly isFile: boolean; readonly isDirectory: boolean }): FileInfo['kind'] {
  if (entry.isFile) return 'file';
  return entry.isDirectory ? 'directory' : 'other';
}

/** Runs a request about `path` and gives a refusal its path; whatever ends the connection passes as it is. */
async function onPath<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw new FileError(error.code, operation, path, error.message, { cause: error });
  }
}

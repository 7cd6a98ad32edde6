// The public library: connect to servers, copy files, serve them. What is not exported here may change at any time.

import { setMaxListeners } from 'node:events';
import { CancelledError, CodexfsError } from './errors.js';
import type { FileSystem } from './fs/FileSystem.js';
import { LocalFileSystem } from './fs/LocalFileSystem.js';
import { RemoteFileSystem } from './fs/RemoteFileSystem.js';
import { type ConnectOptions, connectRemote } from './remotes/connect.js';
import { checkServerUrl } from './remotes/Location.js';
import type { RetryNews, RetryOptions } from './remotes/Reconnector.js';
import { type RemoteSpec, urlRemote } from './remotes/registry.js';
import { type CopyOptions, type CopyResult, copyFile } from './transfer/copyFile.js';
import type { Endpoint } from './transfer/Endpoint.js';
import type { ChildCommand } from './transport/stdio.js';

export * from './errors.js';
export type {
  DirectoryEntry,
  FileInfo,
  FileSystem,
  HandleInfo,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadResult,
  WriteHandle,
} from './fs/FileSystem.js';
export { parseTokenDigest, readTokenFile, type TokenDigest } from './server/access.js';
export { type ListeningServer, type RunningServer, type ServeOptions, serve } from './server/serve.js';
export { type PartialFile, TransferError } from './transfer/Endpoint.js';
export { version } from './version.js';
export type { ChildCommand, ConnectOptions, CopyOptions, CopyResult, RetryNews, RetryOptions };
export { LocalFileSystem, RemoteFileSystem };

/** A file on a file system: one end of `copy`. Relative paths are resolved by the file system. */
export interface FileLocation {
  readonly fileSystem: FileSystem;
  readonly path: string;
}

/**
 * Connects to the exec-server at a `ws:` or `wss:` URL, or to one that is started as a child and spoken to over its standard
 * streams. The caller disposes the file system (`await using`), which ends the connection and the child.
 * @throws {ConnectError} when there is no usable server
 * @throws {UsageError} when `to` is no such URL, or a token would travel unencrypted
 */
export async function connect(to: string | ChildCommand, options: ConnectOptions = {}): Promise<RemoteFileSystem> {
  return withOwnSignal(options.signal, (signal) => connectRemote(remoteOf(to), { ...options, signal }));
}

/**
 * Copies one regular file. The destination is created, or truncated and written in place; there is no directory rule: `to.path`
 * is the file itself.
 * @throws {TransferError} with the side that failed and what the destination then holds; its code is `cancelled` after an abort
 */
export async function copy(from: FileLocation, to: FileLocation, options: CopyOptions = {}): Promise<CopyResult> {
  return withOwnSignal(options.signal, (signal) => copyFile(endpointOf(from), endpointOf(to), { ...options, signal }));
}

function remoteOf(to: string | ChildCommand): RemoteSpec {
  if (typeof to === 'string') return urlRemote(checkServerUrl(to).href.replace(/\/$/, ''));
  return { name: to.program, origin: 'the caller', target: { kind: 'command', command: to } };
}

function endpointOf({ fileSystem, path }: FileLocation): Endpoint {
  return { fileSystem, path: fileSystem.resolve(path), shown: path, host: hostOf(fileSystem) };
}

const hosts = new WeakMap<FileSystem, string>();
let hostCount = 0;

/** All local file systems are of one host; what two connections lead to is compared file by file. */
function hostOf(fileSystem: FileSystem): string {
  if (fileSystem instanceof LocalFileSystem) return 'this host';
  const host = hosts.get(fileSystem) ?? `connection ${++hostCount}`;
  hosts.set(fileSystem, host);
  return host;
}

/** Does `work` with a signal of its own, which aborts with a CancelledError when the caller's aborts for whatever reason. */
async function withOwnSignal<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // Every request in flight listens to it; Node would warn of a leak.
  setMaxListeners(0, controller.signal);
  const abort = () => controller.abort(given?.reason instanceof CodexfsError ? given.reason : new CancelledError());
  if (given?.aborted) abort();
  given?.addEventListener('abort', abort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    given?.removeEventListener('abort', abort);
  }
}

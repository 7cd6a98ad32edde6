// Are source and destination one file? Opening the destination would empty the source, so this is asked before. Only what
// is proven is refused: a second copy of an unchanged file must work.

import { randomUUID } from 'node:crypto';
import { CodexfsError, hasCode } from '../errors.js';
import type { FileInfo, FileSystem, HandleInfo } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';

/** @throws {CodexfsError} `same_file`, when `from` and `to` are proven to be one file */
export async function refuseSameFile(
  from: Endpoint,
  to: Endpoint,
  source: HandleInfo,
  signal: AbortSignal | undefined,
): Promise<void> {
  const existing = await statIfThere(to.fileSystem, to.path, signal);
  if (existing?.kind !== 'file' || !couldBeOne(source, existing)) return;
  const isOne = from.host === to.host ? isOnePath(from, to, existing) : isOneAcrossHosts(from, to, existing);
  if (await isOne) throw new CodexfsError('same_file', `is the same file as ${from.shown}`);
}

/** One file has one size and one time; the millisecond is all that a server tells. */
function couldBeOne(source: HandleInfo, existing: FileInfo): boolean {
  if (source.modifiedAtMs === undefined || source.sizeBytes === undefined || existing.sizeBytes === undefined)
    return true;
  return (
    source.sizeBytes === existing.sizeBytes && Math.floor(source.modifiedAtMs) === Math.floor(existing.modifiedAtMs)
  );
}

/** On one host: the same inode where the file system knows it, else the same path once links are followed. */
async function isOnePath(from: Endpoint, to: Endpoint, existing: FileInfo): Promise<boolean> {
  const source = await from.fileSystem.stat(from.path);
  if (source.identity !== undefined && existing.identity !== undefined) return isOneIdentity(source, existing);
  const [fromPath, toPath] = await Promise.all([
    from.fileSystem.canonicalize(from.path),
    to.fileSystem.canonicalize(to.path),
  ]);
  return fromPath === toPath;
}

/**
 * Through two servers, or a server and this host: first it is shown that both see one file system (a directory of a random
 * name, made beside the destination, is seen by the other), then the paths are compared where this host can see both.
 */
async function isOneAcrossHosts(from: Endpoint, to: Endpoint, existing: FileInfo): Promise<boolean> {
  const directory = to.fileSystem.dirname(await to.fileSystem.canonicalize(to.path));
  const probe = to.fileSystem.join(directory, `.codexfs-same-file-${randomUUID()}`);
  try {
    await to.fileSystem.makeDirectory(probe, { recursive: false });
  } catch {
    // Not even a directory can be made beside it; the check after the opening is what remains.
    return false;
  }
  try {
    if ((await statIfThere(from.fileSystem, probe))?.kind !== 'directory') return false;
    const fromPath = await from.fileSystem.canonicalize(from.path);
    if (fromPath === (await to.fileSystem.canonicalize(to.path))) return true;
    const seenHere = await identityHere(from, to, fromPath, existing);
    return seenHere;
  } finally {
    await to.fileSystem.remove(probe, { recursive: false, force: true }).catch(() => {});
  }
}

/** With this host on one side and its own file system behind the server on the other, both paths have inodes here. */
async function identityHere(from: Endpoint, to: Endpoint, fromPath: string, existing: FileInfo): Promise<boolean> {
  if (existing.identity !== undefined) {
    const source = await statIfThere(to.fileSystem, fromPath);
    return source !== undefined && isOneIdentity(source, existing);
  }
  const source = await from.fileSystem.stat(from.path);
  if (source.identity === undefined) return false;
  const destination = await statIfThere(from.fileSystem, await to.fileSystem.canonicalize(to.path));
  return destination !== undefined && isOneIdentity(source, destination);
}

function isOneIdentity(a: FileInfo, b: FileInfo): boolean {
  if (a.identity === undefined || b.identity === undefined) return false;
  return a.identity.device === b.identity.device && a.identity.inode === b.identity.inode;
}

async function statIfThere(fileSystem: FileSystem, path: string, signal?: AbortSignal): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(path, { signal });
  } catch (error) {
    if (
      hasCode(error, 'not_found', 'not_directory', 'permission_denied', 'io_error', 'symlink_loop', 'name_too_long')
    ) {
      return undefined;
    }
    throw error;
  }
}

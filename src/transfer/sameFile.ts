// Are source and destination one file? Opening the destination would empty the source, so this is asked before. Only what
// is proven is refused: a second copy of an unchanged file must work.

import { hasCode } from '../errors.js';
import type { FileInfo, HandleInfo, OperationOptions } from '../fs/FileSystem.js';
import type { Endpoint, Place } from './Endpoint.js';
import { type ProbeOptions, seesDirectory } from './oneDisk.js';
import { statIfThere } from './statIfThere.js';

/** `unproven`: nothing that the two sides tell speaks against one file, and nothing shows it: two hard links on a server. */
export type Sameness = 'same' | 'different' | 'unproven';

/** Whether the open file `source`, which is `from`, is what is now at `to`. */
export async function samenessOf(
  from: Endpoint,
  to: Endpoint,
  source: HandleInfo,
  options: ProbeOptions,
): Promise<Sameness> {
  return samenessWith(await statIfVisible(to, options), from, to, source, options);
}

/** The same where `existing` is known to be what is at `to`. */
export async function samenessWith(
  existing: FileInfo | undefined,
  from: Endpoint,
  to: Endpoint,
  source: HandleInfo,
  options: OperationOptions,
): Promise<Sameness> {
  if (existing?.kind !== 'file' || !couldBeOne(source, existing)) return 'different';
  return from.host === to.host ? onOneHost(from, to, existing, options) : acrossHosts(from, to, existing, options);
}

/** One file has one size and one time, as far as both sides tell; and the millisecond is all that a server tells. */
function couldBeOne(source: HandleInfo, existing: FileInfo): boolean {
  const { sizeBytes, modifiedAtMs } = source;
  if (sizeBytes !== undefined && existing.sizeBytes !== undefined && sizeBytes !== existing.sizeBytes) return false;
  return modifiedAtMs === undefined || Math.abs(modifiedAtMs - existing.modifiedAtMs) < 1;
}

/** The same inode where the file system knows it, else the same path once links are followed. */
async function onOneHost(
  from: Endpoint,
  to: Endpoint,
  existing: FileInfo,
  options: OperationOptions,
): Promise<Sameness> {
  const source = await from.fileSystem.stat(from.path, options);
  const identities = compareIdentities(source, existing);
  if (identities !== undefined) return identities;
  return (await followed(from, options)) === (await followed(to, options)) ? 'same' : 'unproven';
}

/**
 * Through two servers, or a server and this host: first it is shown that both see one file system, then the paths are compared
 * where this host can see both.
 */
async function acrossHosts(from: Endpoint, to: Endpoint, existing: FileInfo, options: ProbeOptions): Promise<Sameness> {
  const toPath = await followed(to, options);
  const isOneDisk = await seesDirectory(from, to, to.fileSystem.dirname(toPath), options);
  if (isOneDisk !== true) return isOneDisk === 'unknown' ? 'unproven' : 'different';
  const fromPath = await followed(from, options);
  if (fromPath === toPath) return 'same';
  return (await identityHere(from, to, { fromPath, toPath }, existing, options)) ?? 'unproven';
}

/** With this host on one side and its own file system behind the server on the other, both paths have inodes here. */
async function identityHere(
  from: Endpoint,
  to: Endpoint,
  { fromPath, toPath }: { readonly fromPath: string; readonly toPath: string },
  existing: FileInfo,
  options: OperationOptions,
): Promise<Sameness | undefined> {
  if (existing.identity !== undefined) {
    return compareIdentities(await statIfVisible({ ...to, path: fromPath }, options), existing);
  }
  const source = await from.fileSystem.stat(from.path, options);
  if (source.identity === undefined) return undefined;
  return compareIdentities(source, await statIfVisible({ ...from, path: toPath }, options));
}

function compareIdentities(a: FileInfo | undefined, b: FileInfo | undefined): 'same' | 'different' | undefined {
  if (a?.identity === undefined || b?.identity === undefined) return undefined;
  const isOne = a.identity.device === b.identity.device && a.identity.inode === b.identity.inode;
  return isOne ? 'same' : 'different';
}

/** The endpoint's path with links followed; as it is where the server cannot follow them. */
async function followed({ fileSystem, path }: Endpoint, options: OperationOptions): Promise<string> {
  try {
    return await fileSystem.canonicalize(path, options);
  } catch (error) {
    if (hasCode(error, 'unsupported')) return fileSystem.resolve(path);
    throw error;
  }
}

/** A path that cannot be looked at, for whatever reason the file system gives, is for the opening to complain about. */
export function statIfVisible(at: Place, options: OperationOptions): Promise<FileInfo | undefined> {
  return statIfThere(at, options, ...unseenCodes);
}

/** The path of one host may be no path at all on another: that is `invalid_request`. */
const unseenCodes = [
  'invalid_request',
  'not_directory',
  'permission_denied',
  'io_error',
  'symlink_loop',
  'name_too_long',
  'unsupported',
] as const;

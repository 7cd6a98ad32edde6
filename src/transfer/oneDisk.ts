// Do two ends of a copy, reached in different ways, see one disk? A directory of a random name, made for a moment on one side, is
// seen by the other; a dry run, which makes nothing, has to go by facts.

import { randomUUID } from 'node:crypto';
import type { FileInfo, OperationOptions } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';
import { isAnswerLost } from './failure.js';

export interface ProbeOptions extends OperationOptions {
  /** Makes nothing: what has the same times on both sides counts as one. */
  readonly isDryRun?: boolean | undefined;
}

/**
 * Whether `from` sees the directory `directory` of `to`. `unknown`: nothing can be made there.
 * @throws {CodexfsError} when a connection is lost
 */
export async function seesDirectory(
  from: Endpoint,
  to: Endpoint,
  directory: string,
  options: ProbeOptions,
): Promise<boolean | 'unknown'> {
  if (options.isDryRun)
    return looksLikeOne(await infoOf(from, directory, options), await infoOf(to, directory, options));
  const probe = to.fileSystem.join(directory, `.codexfs-same-disk-${randomUUID()}`);
  try {
    options.signal?.throwIfAborted();
    await to.fileSystem.makeDirectory(probe, { recursive: false });
  } catch (error) {
    if (options.signal?.aborted || isAnswerLost(error)) throw error;
    return 'unknown';
  }
  try {
    return (await infoOf(from, probe, options))?.kind === 'directory';
  } finally {
    await to.fileSystem.remove(probe, { recursive: false, force: true }).catch(() => {});
  }
}

function looksLikeOne(a: FileInfo | undefined, b: FileInfo | undefined): boolean {
  if (a?.kind !== 'directory' || b?.kind !== 'directory') return false;
  const isNear = (one: number, other: number) => Math.abs(one - other) < 1;
  return isNear(a.modifiedAtMs, b.modifiedAtMs) && isNear(a.createdAtMs, b.createdAtMs);
}

/** Undefined for what cannot be looked at, for whatever reason the file system gives. */
async function infoOf(
  { fileSystem }: Endpoint,
  path: string,
  options: OperationOptions,
): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(path, options);
  } catch (error) {
    if (options.signal?.aborted || isAnswerLost(error)) throw error;
    return undefined;
  }
}

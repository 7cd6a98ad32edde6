// Does a directory's copy lie inside the directory? It would be copied into itself without end, so this is asked before.

import { CodexfsError, hasCode } from '../errors.js';
import type { OperationOptions } from '../fs/FileSystem.js';
import type { Endpoint, Place } from './Endpoint.js';
import { isAnswerLost } from './failure.js';
import { type ProbeOptions, seesDirectory } from './oneDisk.js';

/**
 * Resolves with the real path of `from`, where it can be told.
 * @throws {CodexfsError} `refused` or `same_file` when the directory `to`, which may be missing, is `from` or lies in it
 */
export async function refuseTreeInItself(
  from: Endpoint,
  to: Endpoint,
  options: ProbeOptions,
): Promise<string | undefined> {
  const fromPath = await canonical(from, options);
  const standing = await nearestExisting(to, options);
  if (fromPath === undefined || standing === undefined) return fromPath;
  const toPath = standing.missing.reduceRight((path, name) => to.fileSystem.join(path, name), standing.realPath);
  const isSame = toPath === fromPath;
  if (!isSame && !toPath.startsWith(from.fileSystem.join(fromPath, '_').slice(0, -1))) return fromPath;
  // Where nothing can be made nothing can be copied to either.
  if (from.host !== to.host && (await seesDirectory(from, to, standing.realPath, options)) !== true) return fromPath;
  if (isSame) throw new CodexfsError('same_file', `is the same directory as ${to.shown}`);
  throw new CodexfsError('refused', `cannot be copied into itself, ${to.shown}`);
}

interface Standing {
  readonly realPath: string;
  /** The names below it that do not exist yet, the last one first. */
  readonly missing: readonly string[];
}

/** What of `to` is there already. */
async function nearestExisting(
  { fileSystem, path, isFree }: Endpoint,
  options: OperationOptions,
): Promise<Standing | undefined> {
  const missing: string[] = [];
  for (let at = fileSystem.resolve(path); ; at = fileSystem.dirname(at)) {
    const isKnownMissing = isFree === true && missing.length === 0;
    const realPath = isKnownMissing ? undefined : await canonical({ fileSystem, path: at }, options);
    if (realPath !== undefined) return { realPath, missing };
    if (at === fileSystem.dirname(at)) return undefined;
    missing.push(fileSystem.basename(at));
  }
}

/** The path with links followed; undefined where there is nothing, or nothing that can be said of it. */
async function canonical({ fileSystem, path }: Place, options: OperationOptions): Promise<string | undefined> {
  try {
    return await fileSystem.canonicalize(path, options);
  } catch (error) {
    if (hasCode(error, 'unsupported')) return fileSystem.resolve(path);
    if (isAnswerLost(error)) throw error;
    return undefined;
  }
}

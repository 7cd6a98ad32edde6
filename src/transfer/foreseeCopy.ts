// What the copy of one file would come to, found out without touching either end: whether the source can be opened, and whether
// anything speaks against the destination.

import { CodexfsError, FileError, hasCode } from '../errors.js';
import type { FileInfo, OperationOptions } from '../fs/FileSystem.js';
import type { Directories } from './Directories.js';
import type { Endpoint } from './Endpoint.js';
import { onSide } from './onSide.js';
import { Source, type WantedRange } from './Source.js';
import { samenessOf } from './sameFile.js';

export interface ForeseeOptions extends OperationOptions {
  /** Those that the run would have made by then. */
  readonly directories: Directories;
  readonly range?: WantedRange | undefined;
}

export interface ForeseenCopy {
  readonly bytes: number;
  readonly isNew: boolean;
}

/** @throws {TransferError} as the copy would, as far as that shows beforehand */
export async function foreseeCopy(from: Endpoint, to: Endpoint, options: ForeseeOptions): Promise<ForeseenCopy> {
  const { signal, range } = options;
  const { opened, bytes } = await onSide('source', from, to, async () => {
    await using source = await Source.open(from, { signal });
    return { opened: source.opened, bytes: source.bytesIn(source.rangeOf(range)) };
  });
  const existing = await onSide('destination', from, to, () => foreseeDestination(to, options));
  await onSide('source', from, to, async () => {
    if ((await samenessOf(from, to, opened, { signal, isDryRun: true })) !== 'same') return;
    throw new CodexfsError('same_file', `is the same file as ${to.shown}`);
  });
  return { bytes: bytes ?? 0, isNew: existing === undefined };
}

/** What is at `to`; undefined for nothing. @throws {FileError} when no file can be written there */
export async function foreseeDestination(to: Endpoint, options: ForeseeOptions): Promise<FileInfo | undefined> {
  const { fileSystem, path } = to;
  const parent = fileSystem.dirname(path);
  if (options.directories.has({ fileSystem, path: parent }) && !(await isThere(to, parent, options))) return undefined;
  const info = await infoOf(to, path, options);
  if (info?.kind === 'directory') throw new FileError('is_directory', 'open', path, 'is a directory');
  if (info?.kind === 'other') throw new FileError('not_regular_file', 'open', path, 'not a regular file');
  if (info === undefined) await fileSystem.stat(parent, options);
  await fileSystem.foreseeWrite?.(path);
  return info;
}

async function isThere(to: Endpoint, path: string, options: OperationOptions): Promise<boolean> {
  return (await infoOf(to, path, options)) !== undefined;
}

async function infoOf(
  { fileSystem }: Endpoint,
  path: string,
  options: OperationOptions,
): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(path, options);
  } catch (error) {
    if (hasCode(error, 'not_found')) return undefined;
    throw error;
  }
}

// What the copy of one file would come to, found out without touching either end: whether the source can be opened, and whether
// anything speaks against the destination.

import { CodexfsError, FileError } from '../errors.js';
import type { FileInfo, OperationOptions } from '../fs/FileSystem.js';
import type { Directories } from './Directories.js';
import type { Endpoint } from './Endpoint.js';
import { onSide } from './onSide.js';
import { Source, type WantedRange } from './Source.js';
import { samenessOf } from './sameFile.js';
import { statIfThere } from './statIfThere.js';

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
    const source = await Source.open(from, { signal });
    try {
      return { opened: source.opened, bytes: source.bytesIn(source.rangeOf(range)) };
    } finally {
      await source.finish();
    }
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
  const parent = { fileSystem, path: fileSystem.dirname(path) };
  if (options.directories.has(parent) && (await statIfThere(parent, options)) === undefined) return undefined;
  const info = await statIfThere(to, options);
  if (info?.kind === 'directory') throw new FileError('is_directory', 'open', path, 'is a directory');
  if (info?.kind === 'other') throw new FileError('not_regular_file', 'open', path, 'not a regular file');
  if (info === undefined) await fileSystem.stat(parent.path, options);
  await fileSystem.foreseeWrite?.(path);
  return info;
}

// The copy of an existing destination that is made before it is replaced. Destinations are written in place, so it is the
// backup that is the new file.

import { CodexfsError, FileError, hasCode } from '../errors.js';
import type { FileInfo } from '../fs/FileSystem.js';
import { type CopyOptions, copyFile } from './copyFile.js';
import { copyWithinServer } from './copyWithinServer.js';
import type { Endpoint } from './Endpoint.js';
import { samenessOf } from './sameFile.js';
import { statIfThere } from './statIfThere.js';

export interface BackUp {
  readonly from: Endpoint;
  readonly source: FileInfo;
  readonly to: Endpoint;
  readonly existing: FileInfo;
  readonly suffix: string;
}

/** What of the copy that a backup is made for counts for the backup. */
export type BackUpOptions = Pick<CopyOptions, 'signal' | 'windowBytes' | 'whenThereIsRoom'>;

/**
 * Copies the file at `to` beside it, under its name and `suffix`; an older backup is replaced.
 * @throws {CodexfsError} `same_file` when source and destination are one; `refused` when the backup would replace the source
 */
export async function backUp(job: BackUp, options: BackUpOptions): Promise<void> {
  const { from, source, to, existing, suffix } = job;
  const backup = { ...to, path: `${to.path}${suffix}`, shown: `${to.shown}${suffix}` };
  if ((await samenessOf(from, to, source, options)) === 'same') {
    throw new CodexfsError('same_file', `is the same file as ${from.shown}`);
  }
  if ((await samenessOf(from, backup, source, options)) === 'same') {
    throw new CodexfsError('refused', `is not replaced: its backup ${backup.shown} would replace the source`);
  }
  await makeFree(backup, options);
  await copyWhole(to, backup, options);
  await keepFacts(backup, existing);
}

/** An old backup may be a link to what is backed up, so it makes room and is not written to. */
async function makeFree(backup: Endpoint, options: Pick<CopyOptions, 'signal'>): Promise<void> {
  const { fileSystem, path } = backup;
  // A link that leads nowhere, or to itself, is removed like any other.
  const info = await statIfThere(backup, options, 'symlink_loop');
  if (info?.kind === 'directory')
    throw new FileError('is_directory', 'back up', path, 'cannot be backed up: a directory has that name');
  await fileSystem.remove(path, { recursive: false, force: true });
}

async function copyWhole(to: Endpoint, backup: Endpoint, options: BackUpOptions): Promise<void> {
  if (to.fileSystem.copyWithin !== undefined) {
    try {
      await copyWithinServer(to, backup, options);
      return;
    } catch (error) {
      if (!hasCode(error, 'unsupported')) throw error;
    }
  }
  const { whenThereIsRoom = (work) => work() } = options;
  await whenThereIsRoom(() => copyFile(to, backup, options));
}

/** As a backup made by renaming would have them, where that can be had. */
async function keepFacts({ fileSystem, path }: Endpoint, { mode, modifiedAtMs }: FileInfo): Promise<void> {
  try {
    await fileSystem.setAttributes?.(path, { mode, modifiedAtMs });
  } catch (error) {
    if (!(error instanceof CodexfsError)) throw error;
  }
}

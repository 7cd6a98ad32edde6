// What the server needs of a file system beyond the seam: positional writes, facts of open files, and links as links.

import * as fsp from 'node:fs/promises';
import type {
  FileIdentity,
  FileSystem,
  HandleInfo,
  OpenWriteOptions,
  PositionalWriteHandle,
  ReadHandle,
} from '../fs/FileSystem.js';
import { kindOf, LocalFileSystem } from '../fs/LocalFileSystem.js';
import { onPath } from '../fs/onPath.js';

export interface ServedReadHandle extends ReadHandle {
  stat(): Promise<HandleInfo & { readonly createdAtMs: number }>;
  identity(): Promise<FileIdentity>;
}

/** What a path itself is, no link followed. */
export type OwnKind = 'file' | 'directory' | 'symlink' | 'other';

export interface OwnInfo {
  readonly kind: OwnKind;
  readonly identity: FileIdentity;
}

export interface ServedFileSystem extends FileSystem {
  openRead(path: string): Promise<ServedReadHandle>;
  openWrite(path: string, options?: OpenWriteOptions): Promise<PositionalWriteHandle>;
  /** Facts about the path itself, no link followed. */
  ownInfo(path: string): Promise<OwnInfo>;
  readLink(path: string): Promise<string>;
  /** Makes `path` a symbolic link to `target`, which is taken as it is. */
  makeLink(target: string, path: string): Promise<void>;
}

/** All of this host's files. */
export class HostFileSystem extends LocalFileSystem implements ServedFileSystem {
  async ownInfo(path: string): Promise<OwnInfo> {
    return onPath('stat', path, async () => {
      const stats = await fsp.lstat(path, { bigint: true });
      return { kind: ownKindOf(stats), identity: { device: stats.dev, inode: stats.ino } };
    });
  }

  async readLink(path: string): Promise<string> {
    return onPath('read link', path, () => fsp.readlink(path));
  }

  async makeLink(target: string, path: string): Promise<void> {
    await onPath('create link', path, () => fsp.symlink(target, path));
  }
}

function ownKindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): OwnKind {
  return entry.isSymbolicLink() ? 'symlink' : kindOf(entry);
}

// This host's file system behind the seam. Only regular files are opened, and opening anything else never blocks.

import { type BigIntStats, constants, type Dirent, lstatSync, type Stats, statSync } from 'node:fs';
import * as fsp from 'node:fs/promises';
import * as nodePath from 'node:path';
import { FileError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import { limits } from '../protocol/limits.js';
import { hostPlatform, isWellFormed } from './entryName.js';
import type {
  DirectoryEntry,
  FileAttributes,
  FileInfo,
  FileSystem,
  OpenWriteOptions,
  WholeFile,
} from './FileSystem.js';
import { LocalReadHandle, LocalWriteHandle } from './localHandles.js';
import { QuickStorage } from './QuickStorage.js';
import { appendFlags, readFlags, WholeFiles, writeFlags } from './wholeFiles.js';

export interface LocalFileSystemOptions {
  /** False: a path whose last name is a symbolic link cannot be opened (ELOOP), so that one put there meanwhile is not followed. */
  readonly followLinks?: boolean;
  /** Looks at what an open found, before it is used; its failure is the open's. */
  readonly confirm?: ConfirmOpened | undefined;
}

type ConfirmOpened = (path: string, opened: Stats) => Promise<void>;

/** The files of this host. Relative paths start in the working directory. */
export class LocalFileSystem implements FileSystem {
  readonly namePlatform = hostPlatform();
  readonly #extraFlags: number;
  readonly #confirm: ConfirmOpened | undefined;
  readonly #storage = new QuickStorage();
  readonly #whole: WholeFiles;

  constructor(options: LocalFileSystemOptions = {}) {
    this.#extraFlags = options.followLinks === false ? constants.O_NOFOLLOW : 0;
    this.#confirm = options.confirm;
    this.#whole = new WholeFiles(this.#storage, this.#extraFlags);
  }

  async openRead(path: string): Promise<LocalReadHandle> {
    return new LocalReadHandle(await this.#open(path, readFlags), path);
  }

  async openWrite(path: string, options: OpenWriteOptions = {}): Promise<LocalWriteHandle> {
    const file = await this.#open(path, writeFlags, options.createMode);
    try {
      await file.truncate(0);
    } catch (cause) {
      await file.close();
      throw fileErrorFrom(cause, 'truncate', path);
    }
    return new LocalWriteHandle(file, path);
  }

  async foreseeWrite(path: string): Promise<void> {
    await attempt('open', path, async () => {
      const exists = await fsp.access(path).then(
        () => true,
        () => false,
      );
      await fsp.access(exists ? path : nodePath.dirname(path), constants.W_OK);
    });
  }

  async openAppend(path: string, sizeBytes: number): Promise<LocalWriteHandle> {
    const file = await this.#open(path, appendFlags);
    try {
      const { size } = await file.stat();
      if (size !== sizeBytes) {
        throw new FileError('size_mismatch', 'open', path, `has ${size} bytes now and had ${sizeBytes}`);
      }
      return new LocalWriteHandle(file, path, sizeBytes);
    } catch (cause) {
      await file.close();
      throw fileErrorFrom(cause, 'open', path);
    }
  }

  async readWhole(path: string, maxBytes: number): Promise<WholeFile | undefined> {
    if (this.#isQuick()) return attempt('read', path, async () => this.#whole.read(path, maxBytes));
    await using file = await this.openRead(path);
    const { sizeBytes = 0, modifiedAtMs } = await file.stat();
    if (sizeBytes === 0 || sizeBytes > maxBytes) return undefined;
    const { bytes, eof } = await file.read(0, sizeBytes);
    return eof && bytes.length === sizeBytes ? { bytes, modifiedAtMs } : undefined;
  }

  async writeWhole(path: string, bytes: Buffer, options: OpenWriteOptions = {}): Promise<boolean> {
    if (this.#isQuick()) {
      return attempt('write', path, async () => this.#whole.write(path, bytes, options.createMode));
    }
    await using file = await this.openWrite(path, options);
    await file.write(bytes);
    await file.close();
    return true;
  }

  async stat(path: string): Promise<FileInfo> {
    return attempt('stat', path, async () => {
      if (this.#storage.isQuick()) return this.#storage.timed(() => statHere(path));
      const own = await fsp.lstat(path, { bigint: true });
      const isSymlink = own.isSymbolicLink();
      return fileInfo(isSymlink ? await fsp.stat(path, { bigint: true }) : own, isSymlink);
    });
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    return attempt('list', path, async () => {
      const entries = await fsp.readdir(path, { withFileTypes: true, encoding: 'buffer' });
      return Promise.all(entries.map((entry) => directoryEntry(path, entry as unknown as Dirent<Buffer>)));
    });
  }

  async makeDirectory(path: string, options: { readonly recursive: boolean }): Promise<void> {
    await attempt('create directory', path, async () => void (await fsp.mkdir(path, options)));
  }

  async remove(path: string, options: { readonly recursive: boolean; readonly force: boolean }): Promise<void> {
    await attempt('remove', path, async () => {
      // Behind a separator at its end a link would be followed, and fsp.rm says that it has removed what it has not.
      const named = path.replace(/(?<=.)[/]+$/s, '');
      const own = await fsp.lstat(named).catch((cause: NodeJS.ErrnoException) => {
        if (options.force && cause.code === 'ENOENT') return undefined;
        throw cause;
      });
      if (own === undefined) return;
      if (!own.isDirectory() && named !== path) throw new FileError('not_directory', 'remove', path, 'not a directory');
      if (!own.isDirectory()) await fsp.unlink(named);
      else if (options.recursive) await fsp.rm(named, { recursive: true });
      else await fsp.rmdir(named);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await attempt('rename', to, async () => {
      await flush(from, readFlags | this.#extraFlags);
      await fsp.rename(from, to);
    });
  }

  async setAttributes(path: string, { mode, modifiedAtMs }: FileAttributes): Promise<void> {
    await attempt('set attributes', path, async () => {
      if (mode !== undefined) await fsp.chmod(path, mode);
      if (modifiedAtMs !== undefined) await fsp.utimes(path, new Date(), modifiedAtMs / 1_000);
    });
  }

  async copyWithin(from: string, to: string): Promise<void> {
    await using source = await this.openRead(from);
    await refuseSameFile(source, to);
    // A copy of a file that nobody else may read must not be one that they may.
    const { mode } = await this.stat(from);
    await using destination = await this.openWrite(to, { createMode: (mode ?? 0o666) & 0o777 });
    for (let offset = 0, eof = false; !eof; ) {
      const result = await source.read(offset, limits.blockBytes);
      await destination.write(result.bytes);
      offset += result.bytes.length;
      eof = result.eof;
    }
    await destination.close();
  }

  async canonicalize(path: string): Promise<string> {
    return attempt('resolve', path, () => fsp.realpath(path));
  }

  resolve(path: string): string {
    return nodePath.resolve(path);
  }

  join(directory: string, name: string): string {
    return nodePath.join(directory, name);
  }

  basename(path: string): string {
    return nodePath.basename(path);
  }

  dirname(path: string): string {
    return nodePath.dirname(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** What was opened can only be confirmed while others go on. */
  #isQuick(): boolean {
    return this.#confirm === undefined && this.#storage.isQuick();
  }

  /** Opens `path` and closes it again unless it is a regular file. */
  async #open(path: string, flags: number, createMode = 0o666): Promise<fsp.FileHandle> {
    return attempt('open', path, async () => {
      const file = await fsp.open(path, flags | this.#extraFlags, createMode);
      try {
        const stats = await file.stat();
        if (stats.isDirectory()) throw new FileError('is_directory', 'open', path, 'is a directory');
        if (!stats.isFile()) throw new FileError('not_regular_file', 'open', path, 'not a regular file');
        await this.#confirm?.(path, stats);
        return file;
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }
}

function statHere(path: string): FileInfo {
  const own = lstatSync(path, { bigint: true });
  const isSymlink = own.isSymbolicLink();
  return fileInfo(isSymlink ? statSync(path, { bigint: true }) : own, isSymlink);
}

/** Without it a crash soon after a rename can leave an empty file under the new name. */
async function flush(path: string, flags: number): Promise<void> {
  const file = await fsp.open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function refuseSameFile(source: LocalReadHandle, to: string): Promise<void> {
  const existing = await fsp.stat(to, { bigint: true }).catch(() => undefined);
  if (existing === undefined) return;
  const { device, inode } = await source.identity();
  if (existing.dev === device && existing.ino === inode) {
    throw new FileError('same_file', 'copy', to, 'source and destination are the same file');
  }
}

async function directoryEntry(directory: string, entry: Dirent<Buffer>): Promise<DirectoryEntry> {
  const own = ownEntry(entry);
  if (!entry.isSymbolicLink() || own.problem !== undefined) return own;
  const { name } = own;
  const target = await fsp.stat(nodePath.join(directory, name)).catch(() => undefined);
  return { name, kind: target === undefined ? 'other' : kindOf(target), isSymlink: true };
}

/** An entry by what it is itself: a link is `other`. */
export function ownEntry(entry: Dirent<Buffer>): DirectoryEntry {
  const name = entry.name.toString('utf8');
  if (!Buffer.from(name, 'utf8').equals(entry.name)) return { name, kind: 'other', problem: 'its name is not UTF-8' };
  return { name, kind: kindOf(entry), isSymlink: entry.isSymbolicLink() };
}

/** What `stat` found, as facts. */
export function fileInfo(stats: BigIntStats, isSymlink: boolean): FileInfo {
  return {
    kind: kindOf(stats),
    isSymlink,
    sizeBytes: Number(stats.size),
    createdAtMs: Number(stats.birthtimeNs) / 1e6,
    modifiedAtMs: Number(stats.mtimeNs) / 1e6,
    mode: Number(stats.mode) & 0o7777,
    identity: { device: stats.dev, inode: stats.ino },
  };
}

/** What an entry is; whether a link was followed depends on where `entry` comes from. */
export function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): FileInfo['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'directory' : 'other';
}

/** Runs `work` and turns what the system says into a FileError on `path`. */
async function attempt<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  if (path.includes('\0')) throw new FileError('invalid_request', operation, path, 'a path cannot hold a NUL');
  if (!isWellFormed(path)) throw new FileError('invalid_request', operation, path, 'the path is not valid Unicode');
  try {
    return await work();
  } catch (cause) {
    throw fileErrorFrom(cause, operation, path);
  }
}

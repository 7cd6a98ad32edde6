// This host's files as the destination of a tree: nothing below the root is reached through a link, and nothing outside of it
// is written, whatever is planted there before or while the tree is copied. The root itself may be a link: it is the user's word.

import { constants, type Dirent } from 'node:fs';
import * as fsp from 'node:fs/promises';
import * as nodePath from 'node:path';
import { FileError, hasCode } from '../errors.js';
import { CheckedDirectories } from './CheckedDirectories.js';
import { type DirectoriesBelow, refusedLink } from './DirectoriesBelow.js';
import { hostPlatform } from './entryName.js';
import type {
  DirectoryEntry,
  FileAttributes,
  FileInfo,
  FileSystem,
  OpenWriteOptions,
  ReadHandle,
  WholeFile,
  WriteHandle,
} from './FileSystem.js';
import { HeldDirectories } from './HeldDirectories.js';
import { isErrno, namesBelow, removeEntry } from './heldDirectory.js';
import { fileInfo, LocalFileSystem, ownEntry } from './LocalFileSystem.js';
import { onPath } from './onPath.js';

type RemoveOptions = Parameters<FileSystem['remove']>[1];

export class ConfinedFileSystem implements FileSystem {
  readonly namePlatform = hostPlatform();
  readonly #root: string;
  readonly #directories: DirectoriesBelow;
  readonly #inside: LocalFileSystem;
  /** For the root itself, and for looking at what is outside. */
  readonly #outside = new LocalFileSystem();
  #realRoot: string | undefined;

  /** `root` may be missing; it is opened when something below it is first asked for. */
  constructor(root: string, directories: DirectoriesBelow = directoriesBelow(nodePath.resolve(root))) {
    this.#root = nodePath.resolve(root);
    this.#directories = directories;
    const { confirm } = directories;
    this.#inside = new LocalFileSystem({ followLinks: false, confirm: confirm?.bind(directories) });
  }

  openRead(path: string): Promise<ReadHandle> {
    return this.#look('open', path, this.#outside.openRead, (place) => this.#inside.openRead(place));
  }

  openWrite(path: string, options?: OpenWriteOptions): Promise<WriteHandle> {
    return this.#at('open', path, (place) => this.#inside.openWrite(place, options));
  }

  foreseeWrite(path: string): Promise<void> {
    return this.#outside.foreseeWrite(path);
  }

  openAppend(path: string, sizeBytes: number): Promise<WriteHandle> {
    return this.#at('open', path, (place) => this.#inside.openAppend(place, sizeBytes));
  }

  readWhole(path: string, maxBytes: number): Promise<WholeFile | undefined> {
    const outside = (place: string) => this.#outside.readWhole(place, maxBytes);
    return this.#look('read', path, outside, (place) => this.#inside.readWhole(place, maxBytes));
  }

  writeWhole(path: string, bytes: Buffer, options?: OpenWriteOptions): Promise<boolean> {
    return this.#at('write', path, (place) => this.#inside.writeWhole(place, bytes, options));
  }

  /** A link below the root is `other`, whatever it leads to. */
  stat(path: string): Promise<FileInfo> {
    return this.#look('stat', path, this.#outside.stat, async (place) => {
      const own = await fsp.lstat(place, { bigint: true });
      return fileInfo(own, own.isSymbolicLink());
    });
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const names = this.#namesOf(path);
    if (names === undefined) return this.#outside.list(path);
    return this.#in('list', path, [...names, '.'], async (place) => {
      const entries = await fsp.readdir(place, { withFileTypes: true, encoding: 'buffer' });
      // The types of this readdir say strings; its names are bytes.
      return entries.map((entry) => ownEntry(entry as unknown as Dirent<Buffer>));
    });
  }

  async makeDirectory(path: string, options: { readonly recursive: boolean }): Promise<void> {
    if (this.#namesOf(path)?.length === 0) return this.#outside.makeDirectory(path, options);
    try {
      await this.#at('create directory', path, (place) => this.#make(place, options.recursive));
    } catch (error) {
      if (!options.recursive || !hasCode(error, 'not_found')) throw error;
      await this.makeDirectory(nodePath.dirname(path), options);
      await this.#at('create directory', path, (place) => this.#make(place, true));
    }
  }

  async remove(path: string, { recursive, force }: RemoveOptions): Promise<void> {
    if (this.#namesOf(path)?.length === 0) throw new FileError('refused', 'remove', path, 'is the destination itself');
    try {
      await this.#at('remove', path, (place) => removeEntry(place, recursive));
    } catch (error) {
      if (!force || !hasCode(error, 'not_found')) throw error;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#at('rename', from, (fromPlace) =>
      this.#at('rename', to, (toPlace) => this.#inside.rename(fromPlace, toPlace)),
    );
  }

  async setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    await this.#at('set attributes', path, (place) => setOwnAttributes(place, attributes));
  }

  async copyWithin(from: string, to: string): Promise<void> {
    await this.#at('copy', from, (fromPlace) =>
      this.#at('copy', to, (toPlace) => this.#inside.copyWithin(fromPlace, toPlace)),
    );
  }

  canonicalize(path: string): Promise<string> {
    return this.#look('resolve', path, this.#outside.canonicalize, async (place, names) => {
      if ((await fsp.lstat(place)).isSymbolicLink()) throw refusedLink();
      this.#realRoot ??= await fsp.realpath(this.#root);
      return nodePath.join(this.#realRoot, ...names);
    });
  }

  resolve(path: string): string {
    return this.#outside.resolve(path);
  }

  join(directory: string, name: string): string {
    return this.#outside.join(directory, name);
  }

  basename(path: string): string {
    return this.#outside.basename(path);
  }

  dirname(path: string): string {
    return this.#outside.dirname(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directories[Symbol.asyncDispose]();
  }

  async #make(place: string, isThereFine: boolean): Promise<void> {
    try {
      await this.#inside.makeDirectory(place, { recursive: false });
    } catch (error) {
      if (!isThereFine || !hasCode(error, 'already_exists')) throw error;
      const own = await fsp.lstat(place);
      if (own.isSymbolicLink()) throw refusedLink();
      if (!own.isDirectory()) throw error;
    }
  }

  /** The names that lead to `path` from the root; undefined for what is outside. */
  #namesOf(path: string): string[] | undefined {
    const absolute = nodePath.resolve(path);
    const names = namesBelow(this.#root, absolute);
    return names ?? (this.#realRoot === undefined ? undefined : namesBelow(this.#realRoot, absolute));
  }

  /** Runs `work` on the place of `path`, which must be below the root. */
  async #at<T>(operation: string, path: string, work: (place: string) => Promise<T>): Promise<T> {
    const names = this.#namesOf(path);
    if (names === undefined) throw new FileError('refused', operation, path, 'leads out of the destination');
    return this.#in(operation, path, names.length === 0 ? ['.'] : names, work);
  }

  /** As `#at`, for work that changes nothing: of the root itself and what is outside by `outside`. */
  #look<T>(
    operation: string,
    path: string,
    outside: (path: string) => Promise<T>,
    work: (place: string, names: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const names = this.#namesOf(path);
    if (names === undefined || names.length === 0) return outside.call(this.#outside, path);
    return this.#in(operation, path, names, (place) => work(place, names));
  }

  #in<T>(operation: string, path: string, names: readonly string[], work: (place: string) => Promise<T>): Promise<T> {
    return onPath(operation, path, async () => {
      using place = await this.#directories.placeOf(names);
      try {
        return await work(place.path);
      } catch (cause) {
        // What O_NOFOLLOW makes of a link.
        if (hasCode(cause, 'symlink_loop') || isErrno(cause, 'ELOOP')) throw refusedLink();
        throw cause;
      }
    });
  }
}

function directoriesBelow(root: string): DirectoriesBelow {
  return process.platform === 'linux' ? new HeldDirectories(root) : new CheckedDirectories(root);
}

/** By a descriptor, for `chmod` and `utimes` of a path follow links. */
async function setOwnAttributes(place: string, { mode, modifiedAtMs }: FileAttributes): Promise<void> {
  const file = await openOwn(place);
  try {
    if (mode !== undefined) await file.chmod(mode);
    if (modifiedAtMs !== undefined) await file.utimes(new Date(), modifiedAtMs / 1_000);
  } finally {
    await file.close();
  }
}

const ownFlags = constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

async function openOwn(place: string): Promise<fsp.FileHandle> {
  try {
    return await fsp.open(place, constants.O_RDONLY | ownFlags);
  } catch (cause) {
    if (!isErrno(cause, 'EACCES')) throw cause;
    return await fsp.open(place, constants.O_WRONLY | ownFlags);
  }
}

// The files below one directory and nothing else (`--root`). Paths are this host's own, so that a client sees the same names
// with and without a root. What links and renames cannot do is in rootedPlace.ts; hard links into the root are part of it.

import type { Dirent } from 'node:fs';
import * as fsp from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import type { DirectoryEntry, FileInfo, OpenWriteOptions, PositionalWriteHandle } from '../fs/FileSystem.js';
import { namesBelow, removeEntry } from '../fs/heldDirectory.js';
import { fileInfo, ownEntry } from '../fs/LocalFileSystem.js';
import { onPath } from '../fs/onPath.js';
import { fileErrorFrom } from '../protocol/codes.js';
import { outsideRoot, type Root, RootedPlace } from './rootedPlace.js';
import { HostFileSystem, type OwnInfo, type ServedFileSystem, type ServedReadHandle } from './ServedFileSystem.js';

export class RootedFileSystem implements ServedFileSystem {
  readonly #root: Root;
  /** What the user called the root, which may differ from its real path. */
  readonly #givenRoot: string;
  readonly #host = new HostFileSystem({ followLinks: false });

  /** @throws {UsageError} unless `root` is a directory, on Linux */
  static async open(root: string): Promise<RootedFileSystem> {
    if (process.platform !== 'linux') throw new UsageError('--root needs Linux');
    try {
      const path = await fsp.realpath(root);
      const directory = await fsp.open(path, 'r');
      if (!(await directory.stat()).isDirectory()) {
        await directory.close();
        throw new UsageError(`--root ${root} is not a directory`);
      }
      return new RootedFileSystem({ path, directory }, resolve(root));
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      throw new UsageError(`cannot serve --root ${root}: ${fileErrorFrom(cause, 'open', root).message}`, { cause });
    }
  }

  private constructor(root: Root, givenRoot: string) {
    this.#root = root;
    this.#givenRoot = givenRoot;
  }

  get root(): string {
    return this.#root.path;
  }

  openRead(path: string): Promise<ServedReadHandle> {
    return this.#at('open', path, followed, (place) => this.#host.openRead(place.path));
  }

  openWrite(path: string, options?: OpenWriteOptions): Promise<PositionalWriteHandle> {
    return this.#at('open', path, followed, (place) => this.#host.openWrite(place.path, options));
  }

  async stat(path: string): Promise<FileInfo> {
    const { kind } = await this.ownInfo(path);
    return this.#at('stat', path, followed, async (place) =>
      fileInfo(await fsp.lstat(place.path, { bigint: true }), kind === 'symlink'),
    );
  }

  ownInfo(path: string): Promise<OwnInfo> {
    return this.#at('stat', path, asItIs, (place) => this.#host.ownInfo(place.path));
  }

  readLink(path: string): Promise<string> {
    return this.#at('read link', path, asItIs, (place) => this.#host.readLink(place.path));
  }

  async makeLink(target: string, path: string): Promise<void> {
    await this.#at('create link', path, asItIs, (place) => this.#host.makeLink(target, place.path));
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    const entries = await this.#inDirectory('list', path, (place) =>
      fsp.readdir(place.path, { withFileTypes: true, encoding: 'buffer' }),
    );
    // The types of this readdir say strings; its names are bytes.
    return Promise.all(entries.map((entry) => this.#entry(path, entry as unknown as Dirent<Buffer>)));
  }

  async makeDirectory(path: string, { recursive }: { readonly recursive: boolean }): Promise<void> {
    if (recursive) await this.#makeParents(path);
    await this.#at('create directory', path, recursive ? followed : asItIs, async (place) => {
      if (recursive && place.isDirectoryItself) return;
      await fsp.mkdir(place.path).catch(async (cause: NodeJS.ErrnoException) => {
        if (!recursive || cause.code !== 'EEXIST' || !(await fsp.lstat(place.path)).isDirectory()) throw cause;
      });
    });
  }

  async remove(path: string, options: { readonly recursive: boolean; readonly force: boolean }): Promise<void> {
    await this.#at('remove', path, asItIs, async (place) => {
      if (place.isDirectoryItself) throw outsideRoot();
      await removeEntry(place.path, options.recursive);
    }).catch((error: unknown) => {
      if (!options.force || fileErrorFrom(error, 'remove', path).code !== 'not_found') throw error;
    });
  }

  canonicalize(path: string): Promise<string> {
    return this.#at('resolve', path, followed, async (place) => {
      await fsp.lstat(place.path);
      return place.shownPath;
    });
  }

  resolve(path: string): string {
    return resolve(this.#root.path, path);
  }

  join(directory: string, name: string): string {
    return this.#host.join(directory, name);
  }

  basename(path: string): string {
    return this.#host.basename(path);
  }

  dirname(path: string): string {
    return this.#host.dirname(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#root.directory.close();
  }

  /** An entry by what it leads to below the root; a link that leads out is `other`. */
  async #entry(directory: string, entry: Dirent<Buffer>): Promise<DirectoryEntry> {
    const own = ownEntry(entry);
    if (!entry.isSymbolicLink() || own.problem !== undefined) return own;
    const target = await this.stat(this.join(directory, own.name)).catch(() => undefined);
    return { name: own.name, kind: target?.kind ?? 'other' };
  }

  /** Runs `work` on the place of `path`; failures name `path` and not the place. */
  #at<T>(
    operation: string,
    path: string,
    how: { readonly followLeaf: boolean },
    work: (place: RootedPlace) => Promise<T>,
  ): Promise<T> {
    return onPath(operation, path, async () => {
      await using place = await RootedPlace.find(this.#root, this.#namesOf(path), how);
      return await work(place);
    });
  }

  /** As `#at`, for a path that must be a directory; a `.` at the end makes the walk enter it. */
  #inDirectory<T>(operation: string, path: string, work: (place: RootedPlace) => Promise<T>): Promise<T> {
    return this.#at(operation, `${path}/.`, followed, work).catch((error: unknown) => {
      throw fileErrorFrom(error, operation, path);
    });
  }

  #namesOf(path: string): string[] {
    const names = namesBelow(this.#root.path, path) ?? namesBelow(this.#givenRoot, path);
    if (names === undefined) throw outsideRoot();
    return names.filter((name) => name !== '');
  }

  /** What holds the root, or lies directly in it, has nothing above it to be made. */
  async #makeParents(path: string): Promise<void> {
    if (this.#namesOf(path).length <= 1) return;
    const parent = this.dirname(path);
    const exists = await this.stat(parent).then(
      () => true,
      () => false,
    );
    if (!exists) await this.makeDirectory(parent, { recursive: true });
  }
}

const followed = { followLeaf: true } as const;
const asItIs = { followLeaf: false } as const;

// Finding a path below a root without ever leaving it: every directory on the way is opened by name in the one before it, no
// link followed by the system, so that neither `..`, nor links, nor renames meanwhile lead out. Linux only.

import * as fsp from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../errors.js';
import { inDirectory, isErrno, namesBelow, openDirectory } from '../fs/heldDirectory.js';
import { limits } from '../protocol/limits.js';

interface Held {
  readonly name: string;
  readonly directory: fsp.FileHandle;
}

/** The root of a walk. */
export interface Root {
  readonly path: string;
  readonly directory: fsp.FileHandle;
}

/** A name in a directory that is held open: what another process does to paths meanwhile does not move it. */
export class RootedPlace implements AsyncDisposable {
  readonly #root: Root;
  #held: Held[] = [];
  #leaf: string | undefined;

  /**
   * The place of the path whose names below `root` are `names`.
   * @param options.followLeaf - whether a link at the end is followed, if it leads to below the root
   * @throws {FileError} `permission_denied` for what leads out of the root
   */
  static async find(root: Root, names: readonly string[], options: { followLeaf: boolean }): Promise<RootedPlace> {
    const place = new RootedPlace(root);
    try {
      await place.#walk([...names], options.followLeaf);
      return place;
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(root: Root) {
    this.#root = root;
  }

  /** For system calls, as long as this place is not disposed of. Its last name may be a link: they must not follow it. */
  get path(): string {
    return inDirectory(this.#directory, this.#leaf ?? '.');
  }

  /** As people know it. */
  get shownPath(): string {
    return join(this.#root.path, ...this.#held.map(({ name }) => name), this.#leaf ?? '');
  }

  /** Whether this is a directory that the walk ended in, and not a name in one. */
  get isDirectoryItself(): boolean {
    return this.#leaf === undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = [];
    await Promise.all(held.map(({ directory }) => directory.close()));
  }

  get #directory(): fsp.FileHandle {
    return this.#held.at(-1)?.directory ?? this.#root.directory;
  }

  async #walk(pending: string[], followLeaf: boolean): Promise<void> {
    for (let links = 0, name = pending.shift(); name !== undefined; name = pending.shift()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        await this.#leave();
        continue;
      }
      const isLeaf = pending.length === 0;
      if (isLeaf && !followLeaf) {
        this.#leaf = name;
        return;
      }
      const target = await this.#enterOrReadLink(name, isLeaf);
      if (target === undefined) continue;
      if (++links > limits.symlinksInPath)
        throw refusal('symlink_loop', 'Too many levels of symbolic links (os error 40)');
      pending.unshift(...(await this.#namesOf(target)));
    }
  }

  /** Goes one name on, or says where the link of that name leads. The leaf is not entered. */
  async #enterOrReadLink(name: string, isLeaf: boolean): Promise<string | undefined> {
    if (!isLeaf) {
      const directory = await openDirectory(inDirectory(this.#directory, name));
      if (directory !== undefined) {
        this.#held.push({ name, directory });
        return undefined;
      }
    }
    const target = await readLink(this.#directory, name);
    if (target !== undefined) return target;
    if (!isLeaf) throw refusal('not_directory', 'Not a directory (os error 20)');
    this.#leaf = name;
    return undefined;
  }

  async #leave(): Promise<void> {
    const last = this.#held.pop();
    if (last === undefined) throw outsideRoot();
    await last.directory.close();
  }

  /** A link's target as names to go on with; an absolute one goes on from the root, if it is below. */
  async #namesOf(target: string): Promise<string[]> {
    if (!target.startsWith('/')) return target.split('/');
    const names = namesBelow(this.#root.path, target);
    if (names === undefined) throw outsideRoot();
    await this[Symbol.asyncDispose]();
    return names;
  }
}

export function outsideRoot(): FileError {
  return refusal('permission_denied', 'Permission denied: the path leads out of the served directory');
}

/** Undefined when `name` is no link, or is not there. */
async function readLink(parent: fsp.FileHandle, name: string): Promise<string | undefined> {
  try {
    return await fsp.readlink(inDirectory(parent, name));
  } catch (cause) {
    if (isErrno(cause, 'EINVAL') || isErrno(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}

/** The path is filled in by whoever knows what was asked for. */
function refusal(code: FileError['code'], message: string): FileError {
  return new FileError(code, 'find', '', message);
}

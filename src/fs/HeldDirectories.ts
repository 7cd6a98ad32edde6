// Directories below a root, held open while they are in use and for a while after, so that neither links nor renames meanwhile
// lead out of them. Linux only.

import * as fsp from 'node:fs/promises';
import { limits } from '../protocol/limits.js';
import { type DirectoriesBelow, notDirectory, type PlaceBelow, refusedLink } from './DirectoriesBelow.js';
import { inDirectory, openDirectory, openOperand } from './heldDirectory.js';

interface Held {
  readonly directory: Promise<fsp.FileHandle>;
  /** Places and openings that need it now. */
  userCount: number;
}

export class HeldDirectories implements DirectoriesBelow {
  readonly #root: string;
  readonly #maxHeld: number;
  /** By the names that lead there; the one that was used last stands last. */
  readonly #held = new Map<string, Held>();

  /** `root` is the user's own word, so links in it are followed, once. */
  constructor(root: string, options: { readonly maxHeld?: number } = {}) {
    this.#root = root;
    this.#maxHeld = options.maxHeld ?? limits.heldDirectories;
  }

  /** How many directories are held open now. */
  get heldCount(): number {
    return this.#held.size;
  }

  async placeOf(names: readonly string[]): Promise<PlaceBelow> {
    const held = this.#take(names.slice(0, -1));
    try {
      const path = inDirectory(await held.directory, names.at(-1) ?? '.');
      return { path, [Symbol.dispose]: () => this.#giveBack(held) };
    } catch (error) {
      this.#giveBack(held);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map(close));
  }

  #take(names: readonly string[]): Held {
    const key = names.join('/');
    const known = this.#held.get(key);
    const held = known ?? { directory: this.#open(names), userCount: 0 };
    held.userCount++;
    this.#held.delete(key);
    this.#held.set(key, held);
    if (known === undefined) held.directory.catch(() => this.#forget(key, held));
    return held;
  }

  /** The next time it is opened again: it may be there by then. */
  #forget(key: string, held: Held): void {
    if (this.#held.get(key) === held) this.#held.delete(key);
  }

  async #open(names: readonly string[]): Promise<fsp.FileHandle> {
    const name = names.at(-1);
    if (name === undefined) return openOperand(this.#root);
    using place = await this.placeOf(names);
    const directory = await openDirectory(place.path);
    if (directory !== undefined) return directory;
    throw (await fsp.lstat(place.path)).isSymbolicLink() ? refusedLink() : notDirectory();
  }

  #giveBack(held: Held): void {
    held.userCount--;
    for (const [key, oldest] of this.#held) {
      if (this.#held.size <= this.#maxHeld) return;
      // The root stays: to open it again could lead elsewhere.
      if (oldest.userCount > 0 || key === '') continue;
      this.#held.delete(key);
      void close(oldest);
    }
  }
}

async function close({ directory }: Held): Promise<void> {
  await directory.then((opened) => opened.close()).catch(() => {});
}

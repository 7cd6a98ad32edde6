// Directories below a root on hosts where none can be held: each is looked at before it is passed through, and again after an
// open. A link put there between the last look and the system call is followed: the residual that SECURITY.md names.

import * as fsp from 'node:fs/promises';
import { join } from 'node:path';
import { type DirectoriesBelow, notDirectory, type PlaceBelow, refusedLink } from './DirectoriesBelow.js';
import { namesBelow } from './heldDirectory.js';

export class CheckedDirectories implements DirectoriesBelow {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async placeOf(names: readonly string[]): Promise<PlaceBelow> {
    let path = this.#root;
    for (const name of names.slice(0, -1)) {
      path = join(path, name);
      const own = await fsp.lstat(path);
      if (own.isSymbolicLink()) throw refusedLink();
      if (!own.isDirectory()) throw notDirectory();
    }
    return { path: join(path, names.at(-1) ?? '.'), [Symbol.dispose]() {} };
  }

  async confirm(path: string, opened: { readonly dev: number; readonly ino: number }): Promise<void> {
    await this.placeOf(namesBelow(this.#root, path) ?? []);
    const own = await fsp.lstat(path);
    if (own.isSymbolicLink() || own.dev !== opened.dev || own.ino !== opened.ino) throw refusedLink();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

// Removes a directory with all that is in it: by one request where that works, else entry by entry, so that what can go goes
// and what cannot is named. Links are removed and never followed.

import { type CodexfsError, FileError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import { forEachInParallel } from './inParallel.js';
import { endpointBelow } from './plan.js';
import { abortable } from './settle.js';
import { walkTree } from './walk.js';

export interface RemoveTreeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether every entry is removed and told by itself. */
  readonly isEntryByEntry: boolean;
  readonly onRemoved: (at: Endpoint, kind: 'directory' | 'entry') => void;
  readonly onFailed: (at: Endpoint, error: CodexfsError) => void;
}

/**
 * Removes the directory `root`. What is left is reported to `onFailed`, without the directories that only hold it.
 * @throws {CodexfsError} when nothing could be attempted; what a request that an abort has overtaken does is not known
 */
export async function removeTree(root: Endpoint, options: RemoveTreeOptions): Promise<void> {
  if (!options.isEntryByEntry && (await removeAtOnce(root, options))) return options.onRemoved(root, 'directory');
  await new Removal(root, options).run();
}

/** Whether all of it is gone; false where the file system refused some of it. */
async function removeAtOnce({ fileSystem, path }: Endpoint, { signal }: RemoveTreeOptions): Promise<boolean> {
  try {
    await abortable(fileSystem.remove(path, { recursive: true, force: false }), signal);
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

class Removal {
  readonly #root: Endpoint;
  readonly #options: RemoveTreeOptions;
  /** Those that hold something that could not be removed. */
  readonly #held = new Set<string>();

  constructor(root: Endpoint, options: RemoveTreeOptions) {
    this.#root = root;
    this.#options = options;
  }

  async run(): Promise<void> {
    for (const level of (await this.#removeEntries()).reverse()) {
      await forEachInParallel(level, limits.statsInFlight, async (names) => {
        if (!this.#held.has(keyOf(names))) await this.#remove(names, 'directory');
      });
    }
  }

  /** Removes all but directories, and gives these by their depth. What cannot be listed or named shows when they are removed. */
  async #removeEntries(): Promise<(readonly string[])[][]> {
    const { fileSystem, path } = this.#root;
    const levels: (readonly string[])[][] = [[[]]];
    const items = walkTree(fileSystem, path, { links: 'skip', signal: this.#options.signal });
    await forEachInParallel(items, limits.statsInFlight, async (item) => {
      if (item.type === 'problem') return;
      if (item.type === 'skipped' || item.kind === 'file') return this.#remove(item.names, 'entry');
      levels[item.names.length] = [...(levels[item.names.length] ?? []), item.names];
    });
    return levels;
  }

  /** Also a directory is removed with what is in it: servers do not list links that lead nowhere. */
  async #remove(names: readonly string[], kind: 'directory' | 'entry'): Promise<void> {
    const at = endpointBelow(this.#root, names);
    try {
      const removing = at.fileSystem.remove(at.path, { recursive: kind === 'directory', force: false });
      await abortable(removing, this.#options.signal);
      this.#options.onRemoved(at, kind);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      for (let depth = 0; depth < names.length; depth++) this.#held.add(keyOf(names.slice(0, depth)));
      this.#options.onFailed(at, error);
    }
  }
}

function keyOf(names: readonly string[]): string {
  return names.join('/');
}

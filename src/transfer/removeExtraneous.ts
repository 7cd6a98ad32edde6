// Removes from a tree what another has not: files first, then the directories that this empties. Nothing is removed with what is
// in it, so what came in meanwhile or is excluded keeps its directory. Links are removed and never followed.

import { type CodexfsError, FileError, hasCode } from '../errors.js';
import { mayStandForAnother } from '../fs/entryName.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import { forEachInParallel } from './inParallel.js';
import { endpointBelow } from './plan.js';
import { abortable } from './settle.js';
import { type WalkOptions, walkTree } from './walk.js';

export interface ExtraneousOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is not wanted is not looked at, and stays. */
  readonly isWanted?: WalkOptions['isWanted'];
  /** Paths from the root, with slashes, that stay. */
  readonly present: ReadonlySet<string>;
  /** Removes nothing, and says what would be. */
  readonly isDryRun: boolean;
  readonly onRemoved: (at: Endpoint) => Promise<void>;
  readonly onFailed: (at: Endpoint, error: CodexfsError) => void;
  /** Hears of a directory that holds what is not removed. */
  readonly onHeld: (at: Endpoint) => void;
}

/** Removes what is below the directory `root` and not in `present`. @throws {CodexfsError} when the root cannot be read */
export async function removeExtraneous(root: Endpoint, options: ExtraneousOptions): Promise<void> {
  const { files, levels } = await extraneous(root, options);
  const held = new Set<string>();
  for (const some of [files, ...levels.reverse()]) {
    await forEachInParallel(some ?? [], limits.statsInFlight, async (names) => {
      if (held.has(names.join('/')) || (await isRemoved(root, names, options))) return;
      for (let depth = 1; depth < names.length; depth++) held.add(names.slice(0, depth).join('/'));
    });
  }
}

interface Extraneous {
  readonly files: (readonly string[])[];
  /** Directories by their depth. */
  readonly levels: (readonly (readonly string[])[] | undefined)[];
}

async function extraneous(root: Endpoint, options: ExtraneousOptions): Promise<Extraneous> {
  const { signal, isWanted, present } = options;
  const spellings = new Map([...present].map((path) => [folded(path), path]));
  const there = new Set<string>();
  const found: { readonly names: readonly string[]; readonly isDirectory: boolean }[] = [];
  for await (const item of walkTree(root.fileSystem, root.path, { links: 'skip', isWanted, signal })) {
    there.add(item.names.join('/'));
    if (item.type === 'problem') options.onFailed(endpointBelow(root, item.names), item.error);
    else found.push({ names: item.names, isDirectory: item.type === 'entry' && item.kind === 'directory' });
  }
  // Where a file system takes two spellings for one name, it lists only one of them, which need not be the source's.
  const isOther = (path: string) => {
    const spelling = spellings.get(folded(path));
    return spelling === undefined || there.has(spelling);
  };
  const gone = found.filter(({ names }) => !present.has(names.join('/')) && isOther(names.join('/')));
  const levels: (readonly string[])[][] = [];
  for (const { names } of gone.filter(({ isDirectory }) => isDirectory)) {
    const level = levels[names.length] ?? [];
    levels[names.length] = level;
    level.push(names);
  }
  return { files: gone.filter(({ isDirectory }) => !isDirectory).map(({ names }) => names), levels };
}

function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** Whether the directories above may be empty now. */
async function isRemoved(root: Endpoint, names: readonly string[], options: ExtraneousOptions): Promise<boolean> {
  const at = endpointBelow(root, names);
  try {
    if (!options.isDryRun) {
      // What is gone meanwhile is removed, unless the server has only no path for it.
      const force = !mayStandForAnother(names.at(-1) ?? '');
      await abortable(at.fileSystem.remove(at.path, { recursive: false, force }), options.signal);
    }
    await options.onRemoved(at);
    return true;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (hasCode(error, 'directory_not_empty')) options.onHeld(at);
    else options.onFailed(at, error);
    return false;
  }
}

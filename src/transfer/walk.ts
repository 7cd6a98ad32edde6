// Everything below a directory, parents before their contents. Links are followed or left out; a link that leads back up,
// a name that cannot be a path and a directory that cannot be read are reported as problems and end nothing.

import { type CodexfsError, FileError, hasCode } from '../errors.js';
import { entryNameProblem, mayStandForAnother, type NamePlatform, nameKey } from '../fs/entryName.js';
import type { DirectoryEntry, FileInfo, FileSystem } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import { mapInParallel } from './inParallel.js';

export interface WalkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether symbolic links stand for what they lead to, or are passed over. */
  readonly links: 'follow' | 'skip';
  /** How many directories deep the items are: 1 for what is in the root itself. Without it, all of them. */
  readonly maxDepth?: number | undefined;
  /** By whose rules the names must do and be told apart: those of where they are copied to. */
  readonly namePlatform?: NamePlatform | undefined;
  /** The path of the root with links followed, where it is known. */
  readonly realRoot?: string | undefined;
  /** Hears of every directory that was listed how many files it holds. */
  readonly onListed?: ((path: string, fileCount: number) => void) | undefined;
  /** Whether an entry is wanted; an unwanted directory is not entered. `names` lead to it from the root. */
  readonly isWanted?: ((names: readonly string[], kind: FileInfo['kind']) => boolean) | undefined;
}

/** One thing below the root; `names` lead to it. */
export type WalkItem =
  | {
      readonly type: 'entry';
      readonly kind: 'file' | 'directory';
      readonly names: readonly string[];
      readonly path: string;
    }
  /** A FIFO, socket or device; or a link that is passed over. */
  | {
      readonly type: 'skipped';
      readonly reason: 'special' | 'link';
      readonly names: readonly string[];
      readonly path: string;
    }
  | {
      readonly type: 'problem';
      readonly error: CodexfsError;
      readonly names: readonly string[];
      readonly path: string;
    };

interface Directory {
  readonly path: string;
  readonly names: readonly string[];
  /** The real paths of this directory and of those above it, by which a link back is known. */
  readonly realPaths: readonly string[];
  /** What is in it, where that was asked for before. */
  readonly listing?: Promise<DirectoryEntry[]>;
}

interface Listing {
  readonly directory: Directory;
  /** By their names, with what is a link known where that matters. */
  readonly entries: readonly DirectoryEntry[];
  /** Those of the directories among them, or why there is none. */
  readonly realPaths: ReadonlyMap<DirectoryEntry, string | CodexfsError>;
}

/** Walks what is below the directory `root`, which itself is not among the items. @throws {CodexfsError} when `root` cannot be read */
export async function* walkTree(
  fileSystem: FileSystem,
  root: string,
  options: WalkOptions,
): AsyncGenerator<WalkItem, void, void> {
  const listing = fileSystem.list(root, options);
  // Where it is refused, so may the real path be, and that comes first.
  listing.catch(() => {});
  const realRoot = options.realRoot ?? (await realPathOf(fileSystem, root, options));
  yield* new Walk(fileSystem, options).below({ path: root, names: [], realPaths: [realRoot], listing });
}

class Walk {
  readonly #fileSystem: FileSystem;
  readonly #options: WalkOptions;

  constructor(fileSystem: FileSystem, options: WalkOptions) {
    this.#fileSystem = fileSystem;
    this.#options = options;
  }

  /** The listings of several directories are on their way at once; depth first apart from that, so that few wait, however many there are. */
  async *below(root: Directory): AsyncGenerator<WalkItem, void, void> {
    const waiting: Directory[] = [root];
    const listings: Promise<Listing | WalkItem>[] = [];
    for (;;) {
      this.#options.signal?.throwIfAborted();
      while (listings.length < limits.listingsInFlight) {
        const directory = waiting.pop();
        if (directory === undefined) break;
        const listing = this.#list(directory);
        listing.catch(() => {});
        listings.push(listing);
      }
      const listing = await listings.shift();
      if (listing === undefined) return;
      if ('type' in listing) yield listing;
      else yield* this.#items(listing, waiting);
    }
  }

  /** The root's failure is the caller's; any other is a problem of that directory. */
  async #list(directory: Directory): Promise<Listing | WalkItem> {
    const { names, path, listing } = directory;
    try {
      return await this.#look(directory, await (listing ?? this.#fileSystem.list(path, this.#options)));
    } catch (error) {
      if (names.length === 0 || !(error instanceof FileError)) throw error;
      return { type: 'problem', error, names, path };
    }
  }

  /** Asks what the listing did not say. Part of listing, so that the round trips of several directories overlap. */
  async #look(directory: Directory, listed: readonly DirectoryEntry[]): Promise<Listing> {
    this.#options.onListed?.(directory.path, listed.filter(({ kind }) => kind === 'file').length);
    const entries = await this.#withLinksKnown(directory, listed);
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const entered = this.#isDeepest(directory) ? [] : entries.filter((entry) => this.#mayEnter(entry));
    return { directory, entries, realPaths: await this.#realPathsOf(directory, entered) };
  }

  #mayEnter({ kind, isSymlink }: DirectoryEntry): boolean {
    return kind === 'directory' && !(isSymlink === true && this.#options.links === 'skip');
  }

  *#items({ directory, entries, realPaths }: Listing, waiting: Directory[]): Generator<WalkItem, void, void> {
    const seen = new Map<string, string>();
    const below: Directory[] = [];
    for (const entry of entries) {
      const item = this.#item(directory, entry, seen);
      if (item === undefined) continue;
      if (item.type !== 'entry' || item.kind === 'file') yield item;
      else yield this.#enter(directory, item, realPaths.get(entry), below);
    }
    for (const one of below.reverse()) waiting.push(one);
  }

  /** Whether nothing in the directories of `directory` is wanted. */
  #isDeepest({ names }: Directory): boolean {
    return names.length + 1 >= (this.#options.maxDepth ?? Number.POSITIVE_INFINITY);
  }

  /** What `entry` is to this walk; undefined if it is not wanted. */
  #item(directory: Directory, entry: DirectoryEntry, seen: Map<string, string>): WalkItem | undefined {
    const { name, kind } = entry;
    const path = this.#fileSystem.join(directory.path, name);
    const place = { names: [...directory.names, name], path };
    const problem = entry.problem ?? this.#nameProblem(name, seen);
    if (problem !== undefined) return problemAt(place, 'unsafe_name', `has a name that is not used: ${problem}`);
    if (this.#options.isWanted?.(place.names, kind) === false) return undefined;
    if (entry.isSymlink === true && this.#options.links === 'skip')
      return { ...place, type: 'skipped', reason: 'link' };
    if (kind !== 'other') return { ...place, type: 'entry', kind };
    if (entry.isSymlink === true) return problemAt(place, 'not_found', 'is a link that leads nowhere');
    return { ...place, type: 'skipped', reason: 'special' };
  }

  /** Why `name` does not do where it is copied to; `seen` are the keys of those before it. */
  #nameProblem(name: string, seen: Map<string, string>): string | undefined {
    const { namePlatform = 'posix' } = this.#options;
    const key = nameKey(name, namePlatform);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, name);
    else return first === name ? 'the directory lists it twice' : `it would be the same file as ${first}`;
    return entryNameProblem(name, namePlatform);
  }

  /** Puts a directory in line to be listed, unless it is one of those above it. */
  #enter(
    parent: Directory,
    item: WalkItem & { readonly type: 'entry' },
    realPath: string | CodexfsError | undefined,
    waiting: Directory[],
  ): WalkItem {
    const { names, path } = item;
    if (realPath === undefined) return item;
    if (typeof realPath === 'object') return { type: 'problem', error: realPath, names, path };
    if (parent.realPaths.includes(realPath)) {
      return problemAt(item, 'symlink_loop', 'is a link to a directory that holds it');
    }
    if (names.length >= limits.treeDepth) {
      return problemAt(item, 'limit_exceeded', `is more than ${limits.treeDepth} directories deep`);
    }
    waiting.push({ path, names, realPaths: [...parent.realPaths, realPath] });
    return item;
  }

  /**
   * The entries with `isSymlink` where that matters and the server did not say: which links to pass over, and what is
   * neither a file nor a directory because it is a link that leads nowhere.
   */
  async #withLinksKnown(directory: Directory, entries: readonly DirectoryEntry[]): Promise<DirectoryEntry[]> {
    const mayBeLink = ({ isSymlink, problem }: DirectoryEntry) => isSymlink === undefined && problem === undefined;
    const matters = ({ kind }: DirectoryEntry) => this.#options.links === 'skip' || kind === 'other';
    if (!entries.some((entry) => mayBeLink(entry) && matters(entry))) return [...entries];
    return mapInParallel(entries, limits.statsInFlight, async (entry) => {
      if (!mayBeLink(entry) || !matters(entry)) return entry;
      return { ...entry, ...(await this.#lookAt(this.#fileSystem.join(directory.path, entry.name))) };
    });
  }

  /** What is listed and cannot be found leads nowhere, or has another name: servers write U+FFFD for bytes that are no text. */
  async #lookAt(path: string): Promise<Pick<DirectoryEntry, 'isSymlink' | 'problem'>> {
    try {
      return { isSymlink: (await this.#fileSystem.stat(path, this.#options)).isSymlink };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const isLost = hasCode(error, 'not_found') && mayStandForAnother(this.#fileSystem.basename(path));
      if (isLost) return { problem: 'the server cannot tell it' };
      return { isSymlink: hasCode(error, 'not_found', 'symlink_loop') || undefined };
    }
  }

  /** A directory that is known to be no link is where its parent is; the others are asked for. */
  async #realPathsOf(
    parent: Directory,
    entries: readonly DirectoryEntry[],
  ): Promise<Map<DirectoryEntry, string | CodexfsError>> {
    const realParent = parent.realPaths.at(-1) ?? parent.path;
    const found = await mapInParallel(
      entries,
      limits.statsInFlight,
      async (entry): Promise<[DirectoryEntry, string | CodexfsError]> => {
        if (entry.isSymlink === false) return [entry, this.#fileSystem.join(realParent, entry.name)];
        try {
          const path = this.#fileSystem.join(parent.path, entry.name);
          return [entry, await realPathOf(this.#fileSystem, path, this.#options)];
        } catch (error) {
          if (error instanceof FileError) return [entry, error];
          throw error;
        }
      },
    );
    return new Map(found);
  }
}

/** The path with links followed; as it is on servers that cannot say, where only the depth bounds a loop. */
async function realPathOf(fileSystem: FileSystem, path: string, options: WalkOptions): Promise<string> {
  try {
    return await fileSystem.canonicalize(path, options);
  } catch (error) {
    if (hasCode(error, 'unsupported')) return fileSystem.resolve(path);
    throw error;
  }
}

function problemAt(
  { names, path }: { readonly names: readonly string[]; readonly path: string },
  code: CodexfsError['code'],
  message: string,
): WalkItem {
  return { type: 'problem', error: new FileError(code, 'walk', path, message), names, path };
}

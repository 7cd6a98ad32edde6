// Patterns in paths, expanded on the file system that they are about, as a shell does it: `*`, `?`, `[…]`, `{a,b}`, and `**` for
// any directories. What exists under the very name of a pattern is meant by it.

import { type CodexfsError, FileError, hasCode } from '../errors.js';
import type { DirectoryEntry, FileInfo, FileSystem, OperationOptions } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import { expandBraces } from './braces.js';
import { mapInParallel } from './inParallel.js';
import { usesBackslashes } from './plan.js';
import { walkTree } from './walk.js';

/** A path that a pattern stands for, or why there is none. */
export interface GlobMatch {
  /** In the form of the pattern: relative if that is. */
  readonly path: string;
  /** Nothing matches, or what might match cannot be read or used. */
  readonly error?: CodexfsError;
}

type Picomatch = typeof import('picomatch');

const magic = /[*?]|\[.|\{.*,/s;

/** Whether `path` may be a pattern, which only its file system can tell for sure. */
export function looksLikePattern(path: string): boolean {
  return magic.test(path);
}

/**
 * What `pattern` stands for, sorted; braces keep their order, and each of their words is a pattern or a plain path by itself.
 * Names that begin with a dot are matched by a dot only. A backslash takes a sign's meaning away, unless it divides paths there.
 * @throws {CodexfsError} when the file system is lost; what it refuses is among the matches as an error
 */
export async function expandGlob(
  fileSystem: FileSystem,
  pattern: string,
  options: OperationOptions,
): Promise<readonly GlobMatch[]> {
  const info = await statIfThere(fileSystem, pattern, options);
  if (info !== undefined && (info.kind === 'directory' || !/[/\\]$/.test(pattern))) return [{ path: pattern }];
  const { default: picomatch } = await import('picomatch');
  const words = await mapInParallel(expandBraces(pattern), limits.listingsInFlight, async (word) =>
    looksLikePattern(word) ? new Expansion(fileSystem, options, picomatch).of(word) : [{ path: word }],
  );
  return words.flat();
}

/** The expansion of one pattern without braces. */
class Expansion {
  readonly #fileSystem: FileSystem;
  readonly #options: OperationOptions;
  readonly #picomatch: Picomatch;
  readonly #separator: string;
  readonly #problems: GlobMatch[] = [];
  /** Whether the pattern ends in a separator. */
  #wantsDirectories = false;

  constructor(fileSystem: FileSystem, options: OperationOptions, picomatch: Picomatch) {
    this.#fileSystem = fileSystem;
    this.#options = options;
    this.#picomatch = picomatch;
    this.#separator = usesBackslashes(fileSystem) ? '\\' : '/';
  }

  async of(pattern: string): Promise<GlobMatch[]> {
    const pieces = pattern.split(usesBackslashes(this.#fileSystem) ? /([\\/]+)/ : /(\/+)/);
    this.#wantsDirectories = pieces.length > 1 && pieces.at(-1) === '';
    const first = pieces.findIndex((piece, index) => index % 2 === 0 && this.#isPattern(piece));
    const segments = pieces.slice(first).filter((piece, index) => index % 2 === 0 && piece !== '');
    const found = await this.#below(pieces.slice(0, first).join(''), segments);
    const paths = [...new Set(found)].sort();
    const matches = [...paths.map((path) => ({ path })), ...this.#problems];
    return matches.length > 0 ? matches : [{ path: pattern, error: noMatch(pattern) }];
  }

  /** The paths below `prefix`, which is empty or ends in a separator, that `segments` match. */
  async #below(prefix: string, segments: readonly string[]): Promise<string[]> {
    const [segment, ...rest] = segments;
    if (segment === undefined) return [prefix];
    if (segment === '**') return this.#anywhereBelow(prefix, rest);
    const isLast = rest.length === 0;
    const names = this.#isPattern(segment) ? await this.#namesIn(prefix, segment, isLast) : [segment];
    const isKnown = this.#isPattern(segment);
    const paths = await mapInParallel(names, limits.statsInFlight, async (name) => {
      const path = prefix + name;
      if (!isLast) return this.#below(path + this.#separator, rest);
      return isKnown || (await this.#isThere(path)) ? [this.#finished(path)] : [];
    });
    return paths.flat();
  }

  /** The names in the directory `prefix` that `segment` matches: its own, if that is there. */
  async #namesIn(prefix: string, segment: string, isLast: boolean): Promise<string[]> {
    const matches = this.#matcher(segment);
    const isDirectory = !isLast || this.#wantsDirectories;
    const entries = (await this.#list(prefix)).filter(({ kind }) => !isDirectory || kind === 'directory');
    const literal = entries.filter(({ name }) => name === segment);
    const wanted = literal.length > 0 ? literal : entries.filter(({ name }) => matches(name));
    return wanted.filter((entry) => this.#isSound(prefix, entry)).map(({ name }) => name);
  }

  async #list(prefix: string): Promise<readonly DirectoryEntry[]> {
    return (await this.#tolerant(prefix, () => this.#fileSystem.list(this.#resolved(prefix), this.#options))) ?? [];
  }

  /** `**`, with what is behind it: everything below `prefix` is looked at, hidden directories only where the pattern names a dot. */
  async #anywhereBelow(prefix: string, rest: readonly string[]): Promise<string[]> {
    const entersHidden = rest.some((segment) => segment.startsWith('.'));
    const matches = this.#matcher(['**', ...rest].join('/'));
    const isWanted = (names: readonly string[], kind: FileInfo['kind']) =>
      entersHidden || kind !== 'directory' || names.at(-1)?.startsWith('.') === false;
    const found: string[] = [];
    await this.#tolerant(prefix, async () => {
      const items = walkTree(this.#fileSystem, this.#resolved(prefix), { ...this.#options, links: 'follow', isWanted });
      for await (const item of items) {
        const path = prefix + item.names.join(this.#separator);
        if (!matches(item.names.join('/'))) continue;
        // What a loop leads to is found without it.
        if (item.type === 'problem' && hasCode(item.error, 'symlink_loop')) continue;
        if (item.type === 'problem') this.#problems.push({ path, error: item.error });
        else if (!this.#wantsDirectories || (item.type === 'entry' && item.kind === 'directory'))
          found.push(this.#finished(path));
      }
    });
    return found;
  }

  /** Undefined where there is no such directory; what cannot be read becomes a problem of `prefix`. */
  async #tolerant<T>(prefix: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (!hasCode(error, 'not_found', 'not_directory')) this.#problems.push({ path: prefix, error });
      return undefined;
    }
  }

  #isSound(prefix: string, { name, problem }: DirectoryEntry): boolean {
    if (problem === undefined) return true;
    const path = prefix + name;
    const error = new FileError('unsafe_name', 'match', path, `has a name that is not used: ${problem}`);
    this.#problems.push({ path, error });
    return false;
  }

  async #isThere(path: string): Promise<boolean> {
    const info = await statIfThere(this.#fileSystem, path, this.#options);
    return info !== undefined && (!this.#wantsDirectories || info.kind === 'directory');
  }

  #finished(path: string): string {
    return this.#wantsDirectories ? path + this.#separator : path;
  }

  #resolved(prefix: string): string {
    return this.#fileSystem.resolve(prefix);
  }

  /** A segment with an escape is one too, for the escape is no part of the name. */
  #isPattern(segment: string): boolean {
    return looksLikePattern(segment) || (segment.includes('\\') && this.#separator === '/');
  }

  #matcher(pattern: string): (path: string) => boolean {
    const options = { nobrace: true, noextglob: true, nonegate: true, posix: true, dot: false, windows: false };
    return this.#picomatch(withPlainSigns(pattern), options);
  }
}

/** Signs that mean something to the matcher and nothing in a shell's pattern. */
function withPlainSigns(pattern: string): string {
  return pattern.replaceAll(/\\.|\[[!^]?\]?[^\]]*\]|[()|+"{}]/gs, (found) => (found.length > 1 ? found : `\\${found}`));
}

function noMatch(pattern: string): FileError {
  return new FileError('not_found', 'match', pattern, 'nothing matches this pattern', {
    hint: '--no-glob takes it as a name',
  });
}

async function statIfThere(
  fileSystem: FileSystem,
  path: string,
  options: OperationOptions,
): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(fileSystem.resolve(path), options);
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

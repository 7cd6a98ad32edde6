// `fs/walk`: a tree in one answer, level by level, each directory by name. Symbolic links to files are left out.

import { CodexfsError, FileError } from '../errors.js';
import type { FileIdentity } from '../fs/FileSystem.js';
import { rpcErrorFor } from '../protocol/codes.js';
import { limits } from '../protocol/limits.js';
import type { ServedFileSystem } from './ServedFileSystem.js';

export interface WalkOptions {
  /** 0: the entries of the root and no deeper. */
  readonly maxDepth: number;
  /** Directories that are opened, the root included. */
  readonly maxDirectories: number;
  /** Names that are looked at, those that are left out of the answer included. */
  readonly maxEntries: number;
  readonly followDirectorySymlinks: boolean;
}

export interface WalkResult {
  readonly entries: readonly { readonly path: string; readonly kind: 'file' | 'directory' }[];
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  /** Whether a limit kept something out of the answer. */
  readonly truncated: boolean;
}

/** @throws {CodexfsError} `invalid_request` for options beyond the limits, and what reading the root itself failed with */
export async function walkTree(fileSystem: ServedFileSystem, root: string, options: WalkOptions): Promise<WalkResult> {
  checkOptions(options);
  const walk = new Walk(fileSystem, options);
  await walk.from(root);
  return walk;
}

class Walk implements WalkResult {
  readonly entries: { path: string; kind: 'file' | 'directory' }[] = [];
  readonly errors: { path: string; message: string }[] = [];
  truncated = false;
  readonly #fileSystem: ServedFileSystem;
  readonly #options: WalkOptions;
  /** Directories that were opened, by identity: a link back up is listed and not followed. */
  readonly #opened = new Set<string>();
  #seenEntries = 0;
  #answerChars = 0;

  constructor(fileSystem: ServedFileSystem, options: WalkOptions) {
    this.#fileSystem = fileSystem;
    this.#options = options;
  }

  async from(root: string): Promise<void> {
    const info = await this.#fileSystem.stat(root);
    if (info.kind !== 'directory' || (info.isSymlink && !this.#options.followDirectorySymlinks)) return;
    let level = [root];
    for (let depth = 0; level.length > 0; depth++) {
      const deeper: string[] = [];
      for (const directory of level) {
        if (this.truncated && this.#isFull()) return;
        await this.#directory(directory, directory === root, deeper);
      }
      if (depth >= this.#options.maxDepth) return;
      level = deeper;
    }
  }

  async #directory(path: string, isRoot: boolean, deeper: string[]): Promise<void> {
    if (this.#opened.size >= this.#options.maxDirectories) {
      this.truncated = true;
      return;
    }
    try {
      if (!this.#isNew((await this.#fileSystem.stat(path)).identity)) return;
      const names = await this.#fileSystem.list(path);
      for (const { name, problem } of names.sort(byName)) {
        if (this.#isFull()) {
          this.truncated = true;
          return;
        }
        this.#seenEntries++;
        if (problem !== undefined)
          this.#failed(path, new CodexfsError('unsafe_name', `an entry is left out: ${problem}`));
        else await this.#entry(this.#fileSystem.join(path, name), deeper);
      }
    } catch (error) {
      if (isRoot) throw error;
      this.#failed(path, error);
    }
  }

  async #entry(path: string, deeper: string[]): Promise<void> {
    const kind = await this.#kindOf(path);
    if (kind === undefined) return;
    this.#add(path, kind);
    if (kind === 'directory') deeper.push(path);
  }

  /** Undefined for what is left out: special files, links to files, dangling links, and what vanished meanwhile. */
  async #kindOf(path: string): Promise<'file' | 'directory' | undefined> {
    try {
      const { kind } = await this.#fileSystem.ownInfo(path);
      if (kind === 'file' || kind === 'directory') return kind;
      if (kind === 'other' || !this.#options.followDirectorySymlinks) return undefined;
      return (await this.#fileSystem.stat(path)).kind === 'directory' ? 'directory' : undefined;
    } catch (error) {
      if (!(error instanceof FileError && error.code === 'not_found')) this.#failed(path, error);
      return undefined;
    }
  }

  #add(path: string, kind: 'file' | 'directory'): void {
    this.entries.push({ path, kind });
    this.#answerChars += path.length;
  }

  #failed(path: string, error: unknown): void {
    this.errors.push({ path, message: rpcErrorFor(error).message });
    this.#answerChars += path.length;
  }

  #isNew(identity: FileIdentity | undefined): boolean {
    if (identity === undefined) return true;
    const key = `${identity.device}:${identity.inode}`;
    if (this.#opened.has(key)) return false;
    this.#opened.add(key);
    return true;
  }

  #isFull(): boolean {
    return this.#seenEntries >= this.#options.maxEntries || this.#answerChars >= limits.walkAnswerChars;
  }
}

function checkOptions({ maxDepth, maxDirectories, maxEntries }: WalkOptions): void {
  if (maxDirectories < 1 || maxEntries < 1) {
    throw new CodexfsError('invalid_request', 'filesystem walk limits must be greater than zero');
  }
  const { walkDepth, walkDirectories, walkEntries } = limits;
  if (maxDepth > walkDepth || maxDirectories > walkDirectories || maxEntries > walkEntries) {
    const maximums = `depth=${walkDepth}, directories=${walkDirectories}, entries=${walkEntries}`;
    throw new CodexfsError('invalid_request', `filesystem walk limits exceed maximums: ${maximums}`);
  }
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}

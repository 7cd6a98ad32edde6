// What simulated file systems stand on: files with inodes, links and directories. Every change moves the clock, so that
// no two states of a file have the same time.

import { posix } from 'node:path';
import { FileError } from '../../src/errors.js';

export interface SimulatedFile {
  readonly inode: bigint;
  content: Buffer;
  modifiedAtMs: number;
  /** Servers tell none. */
  mode?: number;
}

export class SimulatedDisk {
  readonly device: bigint;
  readonly files = new Map<string, SimulatedFile>();
  readonly links = new Map<string, string>();
  readonly #directories = new Set(['/']);
  #nextInode = 1n;
  #clockMs = 1_000;

  constructor(device = 1n) {
    this.device = device;
  }

  /** Makes or replaces the file at `path`: a new inode. */
  put(path: string, content: Buffer): SimulatedFile {
    const file = { inode: this.#nextInode++, content: Buffer.from(content), modifiedAtMs: ++this.#clockMs };
    this.files.set(this.follow(path), file);
    return file;
  }

  hardLink(existing: string, path: string): void {
    this.files.set(path, this.file(existing));
  }

  /** `path` with links followed and dots resolved; every file lies in a directory without links. */
  follow(path: string): string {
    const absolute = posix.resolve('/', path);
    const target = this.links.get(absolute);
    return target === undefined ? absolute : this.follow(target);
  }

  has(path: string): boolean {
    const target = this.follow(path);
    return this.files.has(target) || this.#directories.has(target);
  }

  node(path: string): SimulatedFile | 'directory' {
    const target = this.follow(path);
    if (this.#directories.has(target)) return 'directory';
    const file = this.files.get(target);
    if (file === undefined) throw new FileError('not_found', 'open', path, 'no such file or directory');
    return file;
  }

  file(path: string): SimulatedFile {
    const node = this.node(path);
    if (node === 'directory') throw new FileError('is_directory', 'open', path, 'is a directory');
    return node;
  }

  content(path: string): Buffer | undefined {
    return this.files.get(this.follow(path))?.content;
  }

  truncate(path: string): SimulatedFile {
    if (!this.has(path)) return this.put(path, Buffer.alloc(0));
    const file = this.file(path);
    file.content = Buffer.alloc(0);
    file.modifiedAtMs = ++this.#clockMs;
    return file;
  }

  /** Writes at `offset`; a gap before it reads as zeros. */
  write(file: SimulatedFile, offset: number, bytes: Buffer): void {
    const content = Buffer.alloc(Math.max(file.content.length, offset + bytes.length));
    file.content.copy(content);
    bytes.copy(content, offset);
    file.content = content;
    file.modifiedAtMs = ++this.#clockMs;
  }

  resize(file: SimulatedFile, sizeBytes: number): void {
    const content = Buffer.alloc(sizeBytes, 0x7a);
    file.content.copy(content);
    file.content = content;
    file.modifiedAtMs = ++this.#clockMs;
  }

  makeDirectory(path: string, options: { readonly recursive: boolean }): void {
    const target = this.follow(path);
    if (this.has(target) && !options.recursive) throw new FileError('already_exists', 'mkdir', path, 'already exists');
    this.#directories.add(target);
    const parent = posix.dirname(target);
    if (options.recursive && !this.has(parent)) this.makeDirectory(parent, options);
  }

  rename(from: string, to: string): void {
    this.files.set(this.follow(to), this.file(from));
    this.files.delete(this.follow(from));
  }

  remove(path: string): void {
    this.files.delete(path);
    this.links.delete(path);
    this.#directories.delete(path);
  }

  /** The paths of what is directly in the directory `path`, links included. */
  entries(path: string): string[] {
    if (this.node(path) !== 'directory') throw new FileError('not_directory', 'list', path, 'not a directory');
    const directory = this.follow(path);
    const all = new Set([...this.files.keys(), ...this.links.keys(), ...this.#directories]);
    return [...all].filter((entry) => entry !== '/' && posix.dirname(entry) === directory);
  }

  /** The paths of all directories but the root, to show that none was left behind. */
  get directories(): string[] {
    return [...this.#directories].filter((path) => path !== '/');
  }
}

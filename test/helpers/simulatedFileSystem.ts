// A file system in memory behind the seam, with hooks before and after each call takes effect: gates, faults, lost answers and
// changes under a copy are all made with them. It counts what is open and what is under way.

import { posix } from 'node:path';
import { FileError } from '../../src/errors.js';
import type {
  DirectoryEntry,
  FileAttributes,
  FileInfo,
  FileSystem,
  OperationOptions,
  ReadHandle,
  WriteHandle,
} from '../../src/fs/FileSystem.js';
import { abortable } from '../../src/transfer/settle.js';
import type { SimulatedDisk, SimulatedFile } from './simulatedDisk.js';
import { SimulatedReadHandle, SimulatedWriteHandle } from './simulatedHandles.js';

export type Operation =
  | 'openRead'
  | 'openWrite'
  | 'read'
  | 'write'
  | 'closeRead'
  | 'closeWrite'
  | 'statHandle'
  | 'stat'
  | 'list'
  | 'makeDirectory'
  | 'remove'
  | 'canonicalize'
  | 'openAppend'
  | 'rename'
  | 'setAttributes'
  | 'copyWithin';

/** One call: `count` says the how-manieth of its operation it is on its file system, from 1. */
export interface Call {
  readonly operation: Operation;
  readonly path: string;
  readonly count: number;
  readonly offset: number;
  readonly length: number;
}

export type Hook = (call: Call) => void | Promise<void>;

export interface Behaviour {
  /** How `eof` is meant: true exactly at the end, or whenever fewer bytes came than were asked for. */
  readonly eofStyle?: 'authoritative' | 'byShortness';
  /** Whether a read handle closes itself once a read reported the end. */
  readonly closesAtEof?: boolean;
  readonly chunkBytes?: number;
  /** What a failed write does to those behind it: they follow without a gap, they leave one, they fail too; or all is sent by `close`. */
  readonly writes?: 'appending' | 'positional' | 'stopping' | 'buffered';
  /** Whether facts about an open file are of whatever its path leads to, as where there is no stat of a handle. */
  readonly statsPath?: boolean;
  readonly hidesSize?: boolean;
  readonly hidesIdentity?: boolean;
  readonly cannotCanonicalize?: boolean;
  /** As this host's: a file can be appended to, renamed, and given a mode and a time. */
  readonly isLocal?: boolean;
  /** Whether a listing does not say what is a link. */
  readonly hidesLinks?: boolean;
  /** Local file systems do not hear signals; servers' answers are not waited for once one aborts. */
  readonly ignoresSignals?: boolean;
  /** Runs before a call takes effect; what it throws is the call's failure. */
  readonly before?: Hook;
  /** Runs when a call has taken effect, before its answer; what it throws takes the answer's place. */
  readonly after?: Hook;
  /** How many of the bytes that a read found are answered. */
  readonly shorten?: (call: Call) => number;
}

export class SimulatedFileSystem implements FileSystem {
  readonly openAppend?: NonNullable<FileSystem['openAppend']>;
  readonly rename?: NonNullable<FileSystem['rename']>;
  readonly setAttributes?: NonNullable<FileSystem['setAttributes']>;
  readonly disk: SimulatedDisk;
  readonly behaviour: Behaviour;
  /** Every call in the order in which they were made, as "read 0+4096" or "openWrite /b". */
  readonly log: string[] = [];
  openHandles = 0;
  callsInFlight = 0;
  /** The most bytes that reads under way had been asked for at a time. */
  maxBytesReading = 0;
  #bytesReading = 0;
  readonly #counts = new Map<Operation, number>();

  constructor(disk: SimulatedDisk, behaviour: Behaviour = {}) {
    this.disk = disk;
    this.behaviour = behaviour;
    if (!behaviour.isLocal) return;
    this.openAppend = (path, sizeBytes) => this.#open('openAppend', path, () => this.#appending(path, sizeBytes), {});
    this.rename = (from, to) => this.call('rename', to, () => this.disk.rename(from, to));
    this.setAttributes = (path, attributes) =>
      this.call('setAttributes', path, () => setAttributes(this.disk.file(path), attributes));
  }

  #appending(path: string, sizeBytes: number): SimulatedWriteHandle {
    const file = this.disk.file(path);
    if (file.content.length !== sizeBytes) throw new FileError('size_mismatch', 'open', path, 'has another length');
    return new SimulatedWriteHandle(this, path, file);
  }

  /** Makes one call: hooks around `effect`, counted while it is under way, given up when `signal` aborts. */
  async call<T>(
    operation: Operation,
    path: string,
    effect: (call: Call) => T | Promise<T>,
    facts: { offset?: number; length?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    const count = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, count);
    const { offset = 0, length = 0, signal } = facts;
    const call = { operation, path, count, offset, length };
    this.log.push(length > 0 ? `${operation} ${offset}+${length}` : `${operation} ${path}`);
    if (!this.behaviour.ignoresSignals) signal?.throwIfAborted();
    this.#count(call, 1);
    try {
      return await abortable(this.#run(call, effect), this.behaviour.ignoresSignals ? undefined : signal);
    } finally {
      this.#count(call, -1);
    }
  }

  async #run<T>(call: Call, effect: (call: Call) => T | Promise<T>): Promise<T> {
    // Even a call without hooks is answered later and not at once.
    await Promise.resolve();
    await this.behaviour.before?.(call);
    const result = await effect(call);
    await this.behaviour.after?.(call);
    return result;
  }

  #count(call: Call, by: 1 | -1): void {
    this.callsInFlight += by;
    if (call.operation !== 'read') return;
    this.#bytesReading += by * call.length;
    this.maxBytesReading = Math.max(this.maxBytesReading, this.#bytesReading);
  }

  countOf(operation: Operation): number {
    return this.#counts.get(operation) ?? 0;
  }

  openRead(path: string, options: OperationOptions = {}): Promise<ReadHandle> {
    return this.#open('openRead', path, () => new SimulatedReadHandle(this, path, this.disk.file(path)), options);
  }

  openWrite(path: string, options: OperationOptions = {}): Promise<WriteHandle> {
    const isBuffered = this.behaviour.writes === 'buffered';
    const open = () => {
      if (!this.disk.has(posix.dirname(path))) throw new FileError('not_found', 'open', path, 'no such directory');
      const target = isBuffered ? undefined : this.disk.truncate(path);
      return new SimulatedWriteHandle(this, path, target);
    };
    return this.#open('openWrite', path, open, options);
  }

  /** A handle whose caller has given up or never hears of it is closed, as every dialect does. */
  async #open<T>(operation: Operation, path: string, make: () => T, options: OperationOptions): Promise<T> {
    let isAbandoned = false;
    let isMade = false;
    const effect = () => {
      const handle = make();
      isMade = true;
      if (isAbandoned) this.openHandles--;
      return handle;
    };
    try {
      return await this.call(operation, path, effect, options);
    } catch (error) {
      isAbandoned = true;
      if (isMade) this.openHandles--;
      throw error;
    }
  }

  stat(path: string, options: OperationOptions = {}): Promise<FileInfo> {
    return this.call('stat', path, () => this.#info(path), options);
  }

  #info(path: string): FileInfo {
    const isSymlink = this.disk.links.has(path);
    const node = this.disk.node(path);
    const times = { isSymlink, createdAtMs: 0, mode: node === 'directory' ? undefined : node.mode };
    if (node === 'directory') {
      return { ...times, kind: 'directory', sizeBytes: 4096, modifiedAtMs: 1, identity: undefined };
    }
    const identity = this.behaviour.hidesIdentity ? undefined : { device: this.disk.device, inode: node.inode };
    return { ...times, kind: 'file', sizeBytes: this.sizeOf(node), modifiedAtMs: node.modifiedAtMs, identity };
  }

  sizeOf(file: SimulatedFile): number | undefined {
    return this.behaviour.hidesSize ? undefined : file.content.length;
  }

  list(path: string, options: OperationOptions = {}): Promise<DirectoryEntry[]> {
    return this.call('list', path, () => this.disk.entries(path).map((entry) => this.#entry(entry)), options);
  }

  #entry(path: string): DirectoryEntry {
    const name = posix.basename(path);
    const isSymlink = this.behaviour.hidesLinks ? undefined : this.disk.links.has(path);
    if (!this.disk.has(path)) return { name, kind: 'other', isSymlink };
    return { name, kind: this.disk.node(path) === 'directory' ? 'directory' : 'file', isSymlink };
  }

  makeDirectory(path: string, options: { readonly recursive: boolean }): Promise<void> {
    return this.call('makeDirectory', path, () => this.disk.makeDirectory(path, options));
  }

  remove(path: string): Promise<void> {
    return this.call('remove', path, () => this.disk.remove(path));
  }

  copyWithin(from: string, to: string, options: OperationOptions = {}): Promise<void> {
    // As a server does that opens the destination before it has looked whether it is the source.
    const copy = () => {
      const source = this.disk.file(from);
      const target = this.disk.truncate(to);
      this.disk.write(target, 0, source.content);
    };
    return this.call('copyWithin', to, copy, options);
  }

  canonicalize(path: string, options: OperationOptions = {}): Promise<string> {
    const follow = () => {
      if (this.behaviour.cannotCanonicalize) throw new FileError('unsupported', 'resolve', path, 'unknown method');
      this.disk.node(path);
      return this.disk.follow(path);
    };
    return this.call('canonicalize', path, follow, options);
  }

  resolve(path: string): string {
    return posix.resolve('/', path);
  }

  join(directory: string, name: string): string {
    return posix.join(directory, name);
  }

  basename(path: string): string {
    return posix.basename(path);
  }

  dirname(path: string): string {
    return posix.dirname(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function setAttributes(file: SimulatedFile, { mode, modifiedAtMs }: FileAttributes): void {
  if (mode !== undefined) file.mode = mode;
  if (modifiedAtMs !== undefined) file.modifiedAtMs = modifiedAtMs;
}

// The seam: what copying knows of a file system, local or remote. Paths are strings in the file system's own form.

import type { NamePlatform } from './entryName.js';

/** Facts about a path. Times are milliseconds since 1970; a server that does not know one says 0. */
export interface FileInfo {
  readonly kind: 'file' | 'directory' | 'other';
  /** Whether the path itself is a symbolic link; everything else here is of what it leads to. */
  readonly isSymlink: boolean;
  /** Bytes, or undefined where the server does not say (before 0.142 and app-servers). */
  readonly sizeBytes: number | undefined;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  /** Permission bits (07777), where the file system knows them. */
  readonly mode: number | undefined;
  /** What the file is on its host, where the file system knows it: equal values mean one file. */
  readonly identity: FileIdentity | undefined;
}

export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

/** One thing in a directory, as its listing tells. */
export interface DirectoryEntry {
  /** One name, checked by `fs/entryName.ts` wherever it came from a server. */
  readonly name: string;
  /** Of what the entry leads to; a dangling link is `other`. */
  readonly kind: FileInfo['kind'];
  /** Whether the entry itself is a symbolic link; undefined where the server does not say. */
  readonly isSymlink?: boolean | undefined;
  /** Why no path can be made of `name`, in words: its bytes are not UTF-8, or a server may not call a file so. */
  readonly problem?: string;
}

/** Facts about an open file, whatever has become of its path. */
export interface HandleInfo {
  /** Undefined where the server has no way to say. */
  readonly sizeBytes: number | undefined;
  readonly modifiedAtMs: number | undefined;
}

/** What one read brought. */
export interface ReadResult {
  /** The caller's alone, who may give it back with `recycleChunk` when nothing looks at it any more. */
  readonly bytes: Buffer;
  /** True: nothing stood behind these bytes when they were read. False: there may be more; ask again behind them. */
  readonly eof: boolean;
}

/** A file's content as it was at one moment, and when it was last written to. */
export interface WholeFile {
  /** The caller's alone, as those of a `ReadResult`. */
  readonly bytes: Buffer;
  readonly modifiedAtMs: number | undefined;
}

/** What a file was seen to be without being asked for by itself, and may not be any more. */
export interface SeenFile {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** For one operation; an abort of `signal` makes it reject with a CancelledError. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadWholeOptions extends OperationOptions {
  /** Saves asking for it. A file that turns out to be another is not read, and the answer is undefined. */
  readonly seen?: SeenFile | undefined;
  /** Waited for between the look at a file and the request for its `bytes` bytes, where that takes one. */
  readonly beforeContent?: ((bytes: number) => Promise<void> | undefined) | undefined;
}

export interface OpenReadOptions extends OperationOptions {
  /** Whether `stat` of the handle comes next: asked for with the opening where that saves a round trip. */
  readonly isStatWanted?: boolean | undefined;
}

/** A file opened for reading. Reads are positional, keep no cursor, and may run concurrently. */
export interface ReadHandle extends AsyncDisposable {
  /** The most bytes that one `read` returns. */
  readonly maxChunkBytes: number;
  /** Up to `maxBytes` (1 to `maxChunkBytes`) bytes from `offset`; fewer do not mean the end, only `eof` does. */
  read(offset: number, maxBytes: number, options?: OperationOptions): Promise<ReadResult>;
  stat(): Promise<HandleInfo>;
  /** Whether `stat` is of the path, so that it is answered while the handle is closed, too. */
  readonly isStatOfPath?: boolean | undefined;
  /** Idempotent. Waits for reads under way. */
  close(): Promise<void>;
}

/**
 * A file opened for writing: empty when it is handed out, and extended by each write. `close` completes it; disposing it
 * without that abandons it, and whatever was acknowledged by then stays.
 */
export interface WriteHandle extends AsyncDisposable {
  /** The most bytes that one `write` takes. */
  readonly maxChunkBytes: number;
  /** Whether the destination may differ from what it was before the open. False only where everything is sent by `close`. */
  readonly isDestinationTouched: boolean;
  /** Whether no write takes effect behind a failed one, so that the file is a beginning of what was written whatever fails. */
  readonly stopsAtFailure?: boolean;
  /** Whether the file's facts show what was acknowledged, so that they can be asked for right behind the closing, in one flight. */
  readonly isWrittenThrough?: boolean;
  /** Appends all of `bytes` and resolves when they are in the file and not looked at again. Calls may overlap; they take effect in the order they were made. */
  write(bytes: Buffer): Promise<void>;
  /** Idempotent. Waits for writes under way. A write handle whose close fails must not be believed to be complete. */
  close(): Promise<void>;
}

/** A write handle that can also write at any place, as the `blocks` dialect asks of a server. */
export interface PositionalWriteHandle extends WriteHandle {
  /** Writes all of `bytes` at `offset`; a gap before it reads as zeros. */
  writeAt(offset: number, bytes: Buffer): Promise<void>;
}

/** Handles, facts and directories of one host. Every method rejects with a CodexfsError whose code says why. */
export interface FileSystem extends AsyncDisposable {
  /** By whose rules it names files; POSIX's by default. */
  readonly namePlatform?: NamePlatform;
  /** Milliseconds that the quickest of its requests took. Absent where nothing travels. */
  readonly roundTripMs?: number | undefined;
  /** Whether a handle may hold much more than what is in flight, all of a file or a program: then few are open at a time. */
  readonly areHandlesHeavy?: boolean | undefined;
  /** Opens a regular file. @throws `not_regular_file` | `is_directory` for anything else, without ever blocking on it */
  openRead(path: string, options?: OpenReadOptions): Promise<ReadHandle>;
  /** Creates the file or truncates it in place: an existing one keeps its inode, hard links, mode and attributes. */
  openWrite(path: string, options?: OpenWriteOptions): Promise<WriteHandle>;
  /**
   * Rejects as `openWrite` would, as far as that shows without touching anything: for a dry run. The path may be missing. Absent
   * where only an attempt tells.
   */
  foreseeWrite?(path: string): Promise<void>;
  /**
   * Opens an existing file of exactly `sizeBytes` bytes to write behind them. Absent where opening for writing empties a file,
   * as on every server. @throws `size_mismatch` when the file has another length by now
   */
  openAppend?(path: string, sizeBytes: number): Promise<WriteHandle>;
  /**
   * All of a regular file in as few steps as it takes. Undefined where the file is empty, longer than `maxBytes`, about to
   * change, or can only be had through a handle.
   */
  readWhole?(path: string, maxBytes: number, options?: ReadWholeOptions): Promise<WholeFile | undefined>;
  /**
   * Creates the file, or truncates it in place, and fills it with `bytes`, in as few steps as it takes; they are not looked at again
   * when it resolves. The caller knows that `path` is free or a regular file. False where it can only be done through a handle,
   * and nothing was done.
   */
  writeWhole?(path: string, bytes: Buffer, options?: OpenWriteOptions): Promise<boolean>;
  /** Follows links. @throws `not_found` also for a dangling link */
  stat(path: string, options?: OperationOptions): Promise<FileInfo>;
  /** The entries of a directory, in no order, without `.` and `..`. */
  list(path: string, options?: OperationOptions): Promise<DirectoryEntry[]>;
  makeDirectory(path: string, options: { readonly recursive: boolean }): Promise<void>;
  remove(path: string, options: { readonly recursive: boolean; readonly force: boolean }): Promise<void>;
  /** Copies one regular file within this file system, if it can do so by itself. */
  copyWithin?(from: string, to: string, options?: OperationOptions): Promise<void>;
  /** Puts the file `from` in the place of `to` in one step, its content on the disk before. Absent on servers. */
  rename?(from: string, to: string): Promise<void>;
  /** Gives a file what `attributes` name and leaves the rest. Absent on servers. */
  setAttributes?(path: string, attributes: FileAttributes): Promise<void>;
  /**
   * The SHA-256, in hex, of those of `paths` that the host can hash by itself; the others are missing, and can only be read.
   * Ask about many at once. Absent where no bytes are saved by it.
   */
  hashFiles?(paths: readonly string[], options?: OperationOptions): Promise<ReadonlyMap<string, string>>;
  /**
   * What the regular files in `directories` are, by their paths, of those that the host can tell; links are not followed. Ask about
   * many at once. Absent where no requests are saved by it.
   */
  readSizes?(directories: readonly string[], options?: OperationOptions): Promise<ReadonlyMap<string, SeenFile>>;
  /** The permission bits of those of `paths` that the host can tell though `stat` does not. Absent where `stat` does. */
  readModes?(paths: readonly string[], options?: OperationOptions): Promise<ReadonlyMap<string, number>>;
  /**
   * Gives many files their attributes in few steps. Resolves with what could not be given, for each change. Absent where
   * `setAttributes` is as cheap.
   */
  setManyAttributes?(
    changes: readonly AttributeChange[],
    options?: OperationOptions,
  ): Promise<(readonly (keyof FileAttributes)[])[]>;
  /** The path with every link followed. */
  canonicalize(path: string, options?: OperationOptions): Promise<string>;
  /** `path`, which may be relative or begin with `~/`, as an absolute one. */
  resolve(path: string): string;
  /** `path` + one name, in this file system's form. */
  join(directory: string, name: string): string;
  /** The last name of `path`; empty for a root. */
  basename(path: string): string;
  /** What holds `path`; the root's is itself. */
  dirname(path: string): string;
}

/** What of a file can be set besides its content. */
export interface FileAttributes {
  /** Permission bits (07777). */
  readonly mode?: number | undefined;
  readonly modifiedAtMs?: number | undefined;
}

/** What a file at `path` is to be given. */
export interface AttributeChange {
  readonly path: string;
  readonly attributes: FileAttributes;
}

/** For opening a file for writing. */
export interface OpenWriteOptions extends OperationOptions {
  /** How many bytes will be written, where it is known: lets a file system refuse what it cannot hold before it touches anything. */
  readonly sizeBytes?: number | undefined;
  /** Permission bits of a file that is created, before the umask; 0666 by default. An existing file keeps its own. */
  readonly createMode?: number | undefined;
}

// The system calls of this process on files, as faulty as a test wants: the n-th call of a kind on a path fails with an errno, or
// reads or writes less than was asked. Everything else passes, so that runs beside it notice nothing.

import fs from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';

/** What is called: functions of `node:fs/promises`, and methods of its open files. */
export const calls = [
  'open',
  'lstat',
  'stat',
  'readdir',
  'mkdir',
  'realpath',
  'rename',
  'rm',
  'unlink',
  'utimes',
] as const;
export const fileCalls = ['read', 'write', 'fstat', 'truncate', 'sync', 'close'] as const;
export type SyscallName = (typeof calls)[number] | (typeof fileCalls)[number];

export type Errno =
  | 'EIO'
  | 'ENOSPC'
  | 'EACCES'
  | 'EMFILE'
  | 'EINTR'
  | 'EDQUOT'
  | 'ENOENT'
  | 'EROFS'
  | 'ESTALE'
  | 'EAGAIN';

export interface SyscallFault {
  readonly call: SyscallName;
  /** Any of these is part of the path that the file was opened by, or that the call is about. */
  readonly on: readonly string[];
  /** Which call of that kind on that path is struck, from 1; every one without it. */
  readonly at?: number;
  /** Whether those behind it are struck too. */
  readonly isLasting?: boolean;
  /** How it fails; it does not without. */
  readonly errno?: Errno;
  /** The most bytes that a read or write moves. */
  readonly maxBytes?: number;
  /** Runs before the call. */
  readonly before?: () => void;
}

export interface Injection extends Disposable {
  /** How many calls were struck. */
  readonly struck: number;
  /** How many there were of that kind on that path. */
  readonly seen: number;
}

interface Active {
  readonly fault: SyscallFault;
  struck: number;
  seen: number;
}

const active = new Set<Active>();
let isInstalled = false;

/** Lets `fault` happen in this process until it is disposed. */
export function inject(fault: SyscallFault): Injection {
  install();
  const entry: Active = { fault, struck: 0, seen: 0 };
  active.add(entry);
  return {
    get struck() {
      return entry.struck;
    },
    get seen() {
      return entry.seen;
    },
    [Symbol.dispose]: () => void active.delete(entry),
  };
}

/** An error as the system gives it. */
export function systemError(errno: Errno, syscall: string, path: string): NodeJS.ErrnoException {
  const number = errno === 'EDQUOT' ? 122 : constants.errno[errno];
  // libuv has no name for it.
  const code = errno === 'EDQUOT' ? 'Unknown system error -122' : errno;
  return Object.assign(new Error(`${code}: ${errno}, ${syscall} '${path}'`), { code, errno: -number, syscall, path });
}

/** The bound on bytes that strikes this call, if one does. @throws the error that does */
function strike(call: SyscallName, path: string): number | undefined {
  let maxBytes: number | undefined;
  for (const entry of active) {
    const { fault } = entry;
    if (fault.call !== call || !fault.on.some((part) => path.includes(part))) continue;
    entry.seen++;
    if (fault.at !== undefined && (fault.isLasting === true ? entry.seen < fault.at : entry.seen !== fault.at))
      continue;
    entry.struck++;
    fault.before?.();
    if (fault.errno !== undefined) throw systemError(fault.errno, call, path);
    maxBytes = fault.maxBytes;
  }
  return maxBytes;
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const functions = fsp as unknown as Record<string, Method>;
  for (const name of calls) {
    const original = existing(functions, name);
    functions[name] = async (...args) => {
      const path = String(args[0]);
      strike(name, path);
      const result = await original(...args);
      if (name === 'open') watch(result as FileHandle, path);
      return result;
    };
  }
  installSync();
  syncBuiltinESMExports();
}

/** Small files are opened, moved and closed without the thread pool. */
function installSync(): void {
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const paths = new Map<unknown, string>();
  const openSync = existing(functions, 'openSync');
  functions.openSync = (...args) => {
    strike('open', String(args[0]));
    const file = openSync(...args);
    paths.set(file, String(args[0]));
    return file;
  };
  for (const [name, call] of syncCalls) {
    const original = existing(functions, name);
    functions[name] = (...args) => {
      const path = paths.get(args[0]);
      if (path === undefined) return original(...args);
      if (call === 'close') {
        paths.delete(args[0]);
        original(...args);
        strike(call, path);
        return undefined;
      }
      return original(...shortened(args, 3, strike(call, path)));
    };
  }
}

const syncCalls = [
  ['readSync', 'read'],
  ['writeSync', 'write'],
  ['fstatSync', 'fstat'],
  ['ftruncateSync', 'truncate'],
  ['closeSync', 'close'],
] as const;

function existing<T>(functions: Record<string, T>, name: string): T {
  const found = functions[name];
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** `args` with at most `maxBytes` at the place where a count of bytes stands. */
function shortened(args: readonly unknown[], at: number, maxBytes: number | undefined): unknown[] {
  const count = args[at];
  return maxBytes === undefined || typeof count !== 'number'
    ? [...args]
    : args.map((arg, i) => (i === at ? Math.min(count, maxBytes) : arg));
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** Puts the strikes before the methods of one open file. */
function watch(file: FileHandle, path: string): void {
  const methods = file as unknown as Record<string, Method>;
  for (const [name, call] of methodCalls) {
    const original = existing(methods, name).bind(file);
    const struck: Method = async (...args) => {
      // A file is closed even when close says that it failed.
      if (call === 'close') await original();
      const maxBytes = strike(call, path);
      return call === 'close' ? undefined : original(...shortened(args, 2, maxBytes));
    };
    Object.defineProperty(file, name, { value: struck });
  }
}

const methodCalls = [
  ['read', 'read'],
  ['write', 'write'],
  ['stat', 'fstat'],
  ['truncate', 'truncate'],
  ['sync', 'sync'],
  ['close', 'close'],
] as const;

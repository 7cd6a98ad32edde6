// The system calls of this process on files, as faulty as a test wants: the n-th call of a kind on a path fails with an errno, or
// reads or writes less than was asked. Everything else passes, so that runs beside it notice nothing.

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
  /** Part of the path that the file was opened by, or that the call is about. */
  readonly on: string;
  /** Which call of that kind on that path is struck, from 1; every one without it. */
  readonly at?: number;
  /** How it fails; it does not without. */
  readonly errno?: Errno;
  /** The most bytes that a read or write moves. */
  readonly maxBytes?: number;
  /** Runs before the call. */
  readonly before?: () => unknown;
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
async function strike(call: SyscallName, path: string): Promise<number | undefined> {
  let maxBytes: number | undefined;
  for (const entry of active) {
    const { fault } = entry;
    if (fault.call !== call || !path.includes(fault.on)) continue;
    entry.seen++;
    if (fault.at !== undefined && entry.seen !== fault.at) continue;
    entry.struck++;
    await fault.before?.();
    if (fault.errno !== undefined) {
      // A file is closed even when close says that it failed.
      throw systemError(fault.errno, call, path);
    }
    maxBytes = fault.maxBytes;
  }
  return maxBytes;
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const functions = fsp as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of calls) {
    const original = functions[name];
    if (original === undefined) throw new Error(`there is no ${name}`);
    functions[name] = async (...args) => {
      const path = String(args[0]);
      await strike(name, path);
      const result = await original(...args);
      if (name === 'open') watch(result as FileHandle, path);
      return result;
    };
  }
  syncBuiltinESMExports();
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** Puts the strikes before the methods of one open file. */
function watch(file: FileHandle, path: string): void {
  const methods = file as unknown as Record<string, Method>;
  for (const [name, call] of [
    ['read', 'read'],
    ['write', 'write'],
    ['stat', 'fstat'],
    ['truncate', 'truncate'],
    ['sync', 'sync'],
    ['close', 'close'],
  ] as const) {
    const original = methods[name]?.bind(file);
    if (original === undefined) throw new Error(`there is no ${name}`);
    const struck: Method = async (...args) => {
      const maxBytes = await strike(call, path).catch(async (error: unknown) => {
        if (call === 'close') await original();
        throw error;
      });
      if (maxBytes !== undefined && typeof args[2] === 'number') args[2] = Math.min(args[2], maxBytes);
      return original(...args);
    };
    Object.defineProperty(file, name, { value: struck });
  }
}

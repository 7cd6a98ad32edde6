// Names in directories that are held open: what another process does to the paths meanwhile does not move them. Linux only:
// what is held is named as /proc/self/fd/N, so that a system call on it is the `at` form of that call (openat, mkdirat, …).

import { constants } from 'node:fs';
import * as fsp from 'node:fs/promises';

// Linux's number (asm-generic/fcntl.h); Node does not name it. It opens for passing through, which needs no permission to read.
const O_PATH = 0o10000000;
const directoryFlags = O_PATH | constants.O_DIRECTORY;

/** Opens the directory `path`, to be passed through; undefined when it is none, which a link to one is not. */
export async function openDirectory(path: string | Buffer): Promise<fsp.FileHandle | undefined> {
  try {
    return await fsp.open(path, directoryFlags | constants.O_NOFOLLOW);
  } catch (cause) {
    if (isErrno(cause, 'ENOTDIR') || isErrno(cause, 'ELOOP')) return undefined;
    throw cause;
  }
}

/** Opens the directory that `path` leads to, links followed, to be passed through. */
export function openOperand(path: string): Promise<fsp.FileHandle> {
  return fsp.open(path, directoryFlags);
}

/** A path that means `name` in `directory`, wherever that is by now. */
export function inDirectory(directory: fsp.FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

/** The names that lead from `root` to `path` as it is written; undefined if it does not begin with `root`. */
export function namesBelow(root: string, path: string): string[] | undefined {
  if (path === root) return [];
  const prefix = root.endsWith('/') ? root : `${root}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length).split('/') : undefined;
}

/** Removes what `path`, a name in a held directory, is; a tree from its leaves up, each directory held while it is emptied. */
export async function removeEntry(path: string | Buffer, recursive: boolean): Promise<void> {
  if (!(await fsp.lstat(path)).isDirectory()) {
    await fsp.unlink(path);
    return;
  }
  if (recursive) await emptyDirectory(path);
  await fsp.rmdir(path);
}

async function emptyDirectory(path: string | Buffer): Promise<void> {
  const directory = await openDirectory(path);
  if (directory === undefined) return;
  try {
    const within = Buffer.from(inDirectory(directory, ''));
    for (const name of await fsp.readdir(within, { encoding: 'buffer' })) {
      await removeEntry(Buffer.concat([within, name]), true);
    }
  } finally {
    await directory.close();
  }
}

export function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && (cause as NodeJS.ErrnoException).code === code;
}

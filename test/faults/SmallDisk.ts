// A file system of chosen size that is full, out of inodes or read-only when told: a tmpfs in a mount namespace of its own, which
// needs no root. Every process reaches it below /proc/PID/root.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startChild } from '../helpers/startChild.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { unavailable } from '../helpers/unavailable.js';

const run = promisify(execFile);

export interface SmallDisk extends AsyncDisposable {
  /** The directory that is all of it. */
  readonly path: string;
  /** The start of a command that sees it at `mountedAt`, for programs that take /proc/PID/root for what it leads to. */
  readonly wrapper: readonly string[];
  readonly mountedAt: string;
  /** Mounts it anew with these options of tmpfs: `size=64k`, `nr_inodes=5`, `ro`. */
  remount(options: string): Promise<void>;
}

/** Why there can be none on this machine, if there can be none. */
export const noSmallDisk = unavailable('unshare', '-Urm', 'sh', '-c', 'mount -t tmpfs none /tmp');

/** Bytes of the pieces in which its size can be given. */
export const pageBytes = 4_096;

/** Makes a small disk with `options` of tmpfs. */
export async function smallDisk(options = 'size=1m'): Promise<SmallDisk> {
  const directory = await temporaryDirectory();
  const mount = `mount -t tmpfs -o ${options} none '${directory.path}' && echo ready && exec sleep infinity`;
  const holder = await startChild('unshare', ['-Urm', 'sh', '-c', mount]);
  const within = ['-t', String(holder.pid), '-U', '-m', '--preserve-credentials'];
  return {
    path: `/proc/${holder.pid}/root${directory.path}`,
    wrapper: ['nsenter', ...within],
    mountedAt: directory.path,
    async remount(changed) {
      await run('nsenter', [...within, 'mount', '-o', `remount,${changed}`, directory.path]);
    },
    async [Symbol.asyncDispose]() {
      await holder[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

// The columns of ls -l: type, size in bytes, time of modification, name.

import type { FileInfo } from '../../fs/FileSystem.js';

export interface ListedName {
  readonly name: string;
  /** Undefined where nothing could be learned, as of a dangling link. */
  readonly info: FileInfo | undefined;
}

/** One line for each name; sizes are aligned, and what is not known is `?`. */
export function longLines(listed: readonly ListedName[], shown: (name: string) => string): string[] {
  const sizes = listed.map(({ info }) => (info?.sizeBytes === undefined ? '?' : String(info.sizeBytes)));
  const width = Math.max(0, ...sizes.map((size) => size.length));
  return listed.map(({ name, info }, index) => {
    const columns = [typeLetter(info), (sizes[index] ?? '').padStart(width), localTime(info), shown(name)];
    return columns.join('  ');
  });
}

/** As ls(1): `-` a file, `d` a directory, `l` a link to either; `o` is any other kind. */
function typeLetter(info: FileInfo | undefined): string {
  if (info === undefined) return '?';
  if (info.isSymlink) return 'l';
  if (info.kind === 'file') return '-';
  return info.kind === 'directory' ? 'd' : 'o';
}

/** `2025-01-31 23:59` in this machine's time zone, as ls --time-style=long-iso. */
function localTime(info: FileInfo | undefined): string {
  const ms = info?.modifiedAtMs ?? 0;
  if (ms === 0) return '?'.padEnd(16);
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? '?'.padEnd(16) : local.toISOString().slice(0, 16).replace('T', ' ');
}

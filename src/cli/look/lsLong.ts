// The columns of ls -l: type, size in bytes, time of modification, name.

import type { FileInfo } from '../../fs/FileSystem.js';
import type { NodeKind } from '../../transfer/readTree.js';
import { compactSize } from '../quantities.js';

export interface ListedName {
  readonly name: string;
  readonly location: string;
  readonly kind: NodeKind | FileInfo['kind'];
  /** Undefined where nothing could be learned, as of a dangling link. */
  readonly info: FileInfo | undefined;
}

export interface LongOptions {
  readonly shown: (name: string) => string;
  /** Whether sizes are in units. */
  readonly humanReadable: boolean;
}

/** One line for each name; sizes are aligned, and what is not known is `?`. */
export function longLines(listed: readonly ListedName[], { shown, humanReadable }: LongOptions): string[] {
  const sizes = listed.map(({ info }) => sizeText(info?.sizeBytes, humanReadable ? compactSize : String));
  const width = sizes.reduce((most, size) => Math.max(most, size.length), 0);
  return listed.map(({ name, kind, info }, index) => {
    const columns = [typeLetter(kind, info), (sizes[index] ?? '').padStart(width), localTime(info), shown(name)];
    return columns.join('  ');
  });
}

function sizeText(bytes: number | undefined, text: (bytes: number) => string): string {
  return bytes === undefined ? '?' : text(bytes);
}

/** As ls(1): `-` a file, `d` a directory, `l` a link to either; `o` is any other kind. */
function typeLetter(kind: ListedName['kind'], info: FileInfo | undefined): string {
  if (kind === 'link' || info?.isSymlink) return 'l';
  if (info === undefined) return '?';
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

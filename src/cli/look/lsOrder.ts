// The orders of ls: by name, by size or by time, forward or back.

import type { FileInfo } from '../../fs/FileSystem.js';
import { byName } from '../../transfer/readTree.js';

export interface OrderOptions {
  /** The largest first. */
  readonly sortBySize?: boolean;
  /** The newest first. */
  readonly sortByTime?: boolean;
  readonly reverse?: boolean;
}

interface Listed {
  readonly name: string;
  readonly info: FileInfo | undefined;
}

/** Compares two names by what `options` ask for; those that are alike in it are in the order of their names. */
export function orderOf({ sortBySize, sortByTime, reverse }: OrderOptions): (a: Listed, b: Listed) => number {
  const rank = sortBySize ? sizeOf : sortByTime ? timeOf : undefined;
  const compare = (a: Listed, b: Listed) => (rank === undefined ? 0 : rank(b) - rank(a)) || byName(a, b);
  return reverse ? (a, b) => compare(b, a) : compare;
}

function sizeOf({ info }: Listed): number {
  return info?.sizeBytes ?? -1;
}

function timeOf({ info }: Listed): number {
  return info?.modifiedAtMs ?? 0;
}

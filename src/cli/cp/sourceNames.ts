// What a source is called below a directory that receives it.

import { CodexfsError } from '../../errors.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import type { FileLocation } from '../operands.js';

/**
 * The last name of the source, or with --parents all that were typed. None for a directory whose contents are meant: `DIR/.`,
 * `..`, the working directory of a remote.
 * @throws {CodexfsError} `unsafe_name` when the names would lead out of the destination
 */
export function namesBelow(
  { path }: FileLocation,
  from: Endpoint,
  isDirectory: boolean,
  keepsParents: boolean,
): readonly string[] {
  if (keepsParents) return parentsOf(path);
  if (isDirectory && /^$|(^|\/)\.{1,2}\/*$/.test(path)) return [];
  const name = from.fileSystem.basename(from.path);
  return name === '' ? [] : [name];
}

function parentsOf(path: string): string[] {
  const names = path
    .replace(/^~(?=\/|$)/, '')
    .split('/')
    .filter((name) => name !== '' && name !== '.');
  if (!names.includes('..')) return names;
  throw new CodexfsError('unsafe_name', 'cannot keep its parents, for `..` leads out of the destination');
}

// Gives a copied file its source's attributes, as far as both ends know how.

import type { FileAttributes, FileInfo } from '../fs/FileSystem.js';
import { type Attribute, permissionBits, setAtOnce } from './attributes.js';
import type { Endpoint } from './Endpoint.js';
import type { LaterAttributes } from './LaterAttributes.js';

/**
 * Gives `to` those of `wanted` that `source`, which is what `from` told of itself, has. What takes a program on a server is left
 * to `later`, for many files at a time. Resolves with those that could not be kept.
 */
export async function preserve(
  source: FileInfo,
  from: Endpoint,
  to: Endpoint,
  wanted: readonly Attribute[],
  later?: LaterAttributes,
): Promise<readonly Attribute[]> {
  const unkept: Attribute[] = [];
  for (const attribute of wanted) {
    if (await isKept(attribute, source, to)) continue;
    if (later === undefined || !canBeKeptLater(attribute, source, from, to)) unkept.push(attribute);
    else await later.add({ from, to, attribute, attributes: known(attribute, source) });
  }
  return unkept;
}

function canBeKeptLater(attribute: Attribute, source: FileInfo, from: Endpoint, { fileSystem: to }: Endpoint): boolean {
  const isKnowable =
    known(attribute, source) !== undefined || (attribute === 'mode' && from.fileSystem.readModes !== undefined);
  return isKnowable && (to.setManyAttributes !== undefined || known(attribute, source) === undefined);
}

async function isKept(attribute: Attribute, source: FileInfo, to: Endpoint): Promise<boolean> {
  const attributes = known(attribute, source);
  return attributes !== undefined && setAtOnce(to, attributes);
}

/** What `source` tells of `attribute`; a server that does not know the time says 0. */
function known(attribute: Attribute, { mode, modifiedAtMs }: FileInfo): FileAttributes | undefined {
  if (attribute === 'mode') return mode === undefined ? undefined : { mode: mode & permissionBits };
  return modifiedAtMs === 0 ? undefined : { modifiedAtMs };
}

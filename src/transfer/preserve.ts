// Gives a copied file its source's attributes, as far as both ends know how.

import { CodexfsError } from '../errors.js';
import type { FileAttributes, FileInfo } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';

export type Attribute = 'mode' | 'times';

/**
 * Gives `to` those of `wanted` that `source` has. Resolves with those that could not be kept: servers tell no mode and take
 * neither.
 */
export async function preserve(
  source: FileInfo,
  to: Endpoint,
  wanted: readonly Attribute[],
): Promise<readonly Attribute[]> {
  const unkept: Attribute[] = [];
  for (const attribute of wanted) if (!(await isKept(attribute, source, to))) unkept.push(attribute);
  return unkept;
}

async function isKept(attribute: Attribute, source: FileInfo, { fileSystem, path }: Endpoint): Promise<boolean> {
  const attributes = known(attribute, source);
  if (attributes === undefined || fileSystem.setAttributes === undefined) return false;
  try {
    await fileSystem.setAttributes(path, attributes);
    return true;
  } catch (error) {
    if (error instanceof CodexfsError) return false;
    throw error;
  }
}

/** What `source` tells of `attribute`; a server that does not know the time says 0. */
function known(attribute: Attribute, { mode, modifiedAtMs }: FileInfo): FileAttributes | undefined {
  if (attribute === 'mode') return mode === undefined ? undefined : { mode };
  return modifiedAtMs === 0 ? undefined : { modifiedAtMs };
}

// One file of a run, in the best way that its two ends allow: by the server itself, or through this machine.

import { hasCode } from '../errors.js';
import { type CopyOptions, type CopyResult, copyFile } from './copyFile.js';
import { copySmallFile, maxWholeBytes } from './copySmallFile.js';
import { copyWithinServer } from './copyWithinServer.js';
import type { Endpoint } from './Endpoint.js';

/** Copies the regular file `from` to `to`. @throws {TransferError} */
export async function copyOneFile(from: Endpoint, to: Endpoint, options: CopyOptions): Promise<CopyResult> {
  const { whenThereIsRoom = (work) => work() } = options;
  const isLarge = options.seen !== undefined && options.seen.sizeBytes > maxWholeBytes(options);
  const result =
    (await copyOnServer(from, to, options)) ?? (isLarge ? undefined : await copySmallFile(from, to, options));
  return result ?? whenThereIsRoom(() => copyFile(from, to, options));
}

/**
 * Lets the server copy by itself where it holds both ends; undefined where it cannot. Only onto a free path: released
 * servers give an existing destination the source's mode, and empty a file that is copied onto itself.
 */
async function copyOnServer(from: Endpoint, to: Endpoint, options: CopyOptions): Promise<CopyResult | undefined> {
  if (options.range !== undefined || from.host !== to.host || from.fileSystem.copyWithin === undefined)
    return undefined;
  try {
    await to.fileSystem.stat(to.path, { signal: options.signal });
    return undefined;
  } catch (error) {
    if (!hasCode(error, 'not_found')) return undefined;
  }
  try {
    return await copyWithinServer(from, to, options);
  } catch (error) {
    if (hasCode(error, 'unsupported')) return undefined;
    throw error;
  }
}

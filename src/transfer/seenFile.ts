// What a look at a file tells those who copy it.

import type { FileInfo, SeenFile } from '../fs/FileSystem.js';

/** What was seen of a regular file; undefined of anything else, and where the server does not tell sizes. */
export function seenFile({ kind, sizeBytes, modifiedAtMs }: FileInfo): SeenFile | undefined {
  return kind === 'file' && sizeBytes !== undefined ? { sizeBytes, modifiedAtMs } : undefined;
}

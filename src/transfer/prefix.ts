// How much of a source a destination already holds, so that a copy can go on behind it.

import type { OperationOptions } from '../fs/FileSystem.js';
import type { Endpoint } from './Endpoint.js';
import { Source, type SourceOptions } from './Source.js';
import { contentsAgree } from './sameContent.js';
import { statIfThere } from './statIfThere.js';

/** Why a destination that exists is written from its start again: nothing can be appended to it, or it holds other bytes. */
export type RestartReason = 'cannotAppend' | 'differs';

export interface Present {
  /** The destination is exactly the first `bytes` bytes of the source; 0 also when it is missing or written again. */
  readonly bytes: number;
  readonly restart?: RestartReason;
}

/** Compares what `to` holds with the beginning of `source`, byte by byte. */
export async function presentPrefix(source: Source, to: Endpoint, options: SourceOptions): Promise<Present> {
  const sizeBytes = await fileSize(to, options);
  if (sizeBytes === 0) return { bytes: 0 };
  // Where nothing can be appended, only a complete file need not be written again.
  const canAppend = to.fileSystem.openAppend !== undefined || sizeBytes === source.claimedBytes;
  if (!canAppend || sizeBytes === undefined) return { bytes: 0, restart: 'cannotAppend' };
  if (sizeBytes > (source.claimedBytes ?? sizeBytes)) return { bytes: 0, restart: 'differs' };
  // What this end reads of its own is not on the line whose rate is limited.
  await using existing = await Source.open(to, { ...options, rateLimit: undefined });
  const beginning = source.chunks({ start: 0, end: sizeBytes });
  const isPrefix = await contentsAgree(beginning, existing.chunks());
  return isPrefix ? { bytes: sizeBytes } : { bytes: 0, restart: 'differs' };
}

/** 0 for what is missing or no file: the opening finds out about those. */
async function fileSize(at: Endpoint, { signal }: OperationOptions): Promise<number | undefined> {
  const info = await statIfThere(at, { signal }, 'not_directory', 'permission_denied');
  return info?.kind === 'file' ? info.sizeBytes : 0;
}

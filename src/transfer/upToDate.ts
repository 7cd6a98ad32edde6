// Whether a file of a synchronised tree needs to be copied: decided from facts alone, so that a table can show it.

import type { ExistingFacts } from './existing.js';

export interface SyncRule {
  /** Whether the destination gets the times of its sources. Where it does not, what is there is as old as its last copy. */
  readonly keepsTimes: boolean;
}

/**
 * Whether `existing` is taken for a copy of `source`: it has its size and its time of modification. A destination that keeps no
 * times is told by its size and by not being older than its source. What nobody knows lets no file be left out.
 */
export function isUpToDate(source: ExistingFacts, existing: ExistingFacts | undefined, rule: SyncRule): boolean {
  if (existing?.kind !== 'file') return false;
  const areSizesKnown = source.sizeBytes !== undefined && existing.sizeBytes !== undefined;
  if (areSizesKnown && source.sizeBytes !== existing.sizeBytes) return false;
  if (source.modifiedAtMs === 0 || existing.modifiedAtMs === 0) return false;
  const laterMs = existing.modifiedAtMs - source.modifiedAtMs;
  // Servers tell milliseconds, this host fractions of them.
  if (Math.abs(laterMs) < 1) return true;
  return !rule.keepsTimes && areSizesKnown && laterMs > 0;
}

// How V8 keeps this process's short-lived objects, so that the memory of a copy does not depend on its length.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A full collection takes some 6 ms; after so many bytes that is some 2 % of the time. */
const collectEveryBytes = 128 * 1024 * 1024;

let collect: (() => void) | undefined;
let bytesSinceCollection = 0;

/**
 * Keeps the space for new objects at its first size. Left alone it grows sixteenfold over the first gigabytes of a copy, and
 * collections become so rare that dead buffers pile up between them: the peak for 4 GiB was 57 MiB above the one for 256 MiB
 * (`npm run bench:memory`). Collecting a small space often costs nothing that can be measured.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Notes that a copy moved `bytes`. What a request leaves behind, V8 takes for long-lived and would leave lying until there is
 * much more of it: 12 MiB after 4 GiB. So it is collected every now and then.
 */
export function noteBytesMoved(bytes: number): void {
  bytesSinceCollection += bytes;
  if (bytesSinceCollection < collectEveryBytes) return;
  bytesSinceCollection = 0;
  collect ??= exposedCollector();
  collect();
}

/** `gc`, which a new context has once the flag is set. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  return typeof gc === 'function' ? () => void gc() : () => {};
}

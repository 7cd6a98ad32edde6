// How V8 works for a process that is mostly short: what it compiles, and how it keeps short-lived objects, so that the memory of a
// copy does not depend on its length. Only by flags that V8 looks at each time it decides something: to turn off its helpers for collecting
// made copies a sixth cheaper, and Node 22 died of it, for the flags of concurrent work must not change once there is a heap.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { maskChoice } from '../transport/maskChoice.js';

const KiB = 1024;
const MiB = 1024 * KiB;
/** Buffers, dead and alive, that are worth a full collection; a copy on a fast line has some 20 MiB alive. */
const crowdedBytes = 28 * MiB;
/** A full collection takes some 6 ms, so there are so many bytes between two, even where more buffers are alive. */
const minBetweenBytes = 32 * MiB;
/** What is left behind besides buffers is counted nowhere. */
const maxBetweenBytes = 256 * MiB;

/** Bytes of a file whose content is no burden beside the objects that its copy takes. */
const tinyFileBytes = 64 * KiB;
/** Such files, one after the other, before V8 may have more space for new objects. */
const manyFiles = 100;
/** The same before it is worth while to compile for speed: for 5 000 that costs a fifth more than it saves, for 30 000 it saves a quarter. */
const filesWorthOptimizing = 5_000;

/** V8's own bound. */
const optimizedBytecodeBytes = 60 * KiB;

let collect: (() => void) | undefined;
let bytesSinceLook = 0;
let bytesSinceCollection = 0;
let smallFileCount = 0;
let isChunkSeen = false;

/**
 * Keeps the space for new objects at its first size. Left alone it grows sixteenfold over the first gigabytes of a copy, and
 * collections become so rare that dead buffers pile up between them: the peak for 4 GiB was 57 MiB above the one for 256 MiB
 * (`npm run bench:memory`). Collecting a small space often costs nothing that can be measured.
 */
function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Nothing is optimized until much of one kind was done: a large file is copied by the system, and little of it by this code. */
export function beginShort(): void {
  keepYoungSpaceSmall();
  setFlagsFromString('--max-optimized-bytecode-size=0');
}

/** The same code will run for long, or very often: it is worth while to compile it for speed. */
export function expectLong(): void {
  setFlagsFromString(`--max-optimized-bytecode-size=${optimizedBytecodeBytes}`);
}

/**
 * Lets the space for new objects grow while nothing but small files is copied: what a few hundred of them have in flight outlasts
 * each collection of a small space, and a fifth of the time went into moving it. The first chunk of a large file ends this for good.
 */
function adaptTo(bytes: number): void {
  if (bytes <= tinyFileBytes) {
    smallFileCount++;
    if (smallFileCount === manyFiles && !isChunkSeen) setFlagsFromString('--semi-space-growth-factor=2');
    if (smallFileCount === filesWorthOptimizing) expectLong();
  } else if (!isChunkSeen) {
    isChunkSeen = true;
    keepYoungSpaceSmall();
    // Then masks are put on byte for byte of an upload by code of this program: without the optimizer that took twice as long.
    if (maskChoice.isOwn) expectLong();
  }
}

/**
 * Notes that a copy moved `bytes`. What outlasts two cheap collections, V8 takes for long-lived and leaves lying until there
 * are 64 MiB of it: frames that waited their turn, and what requests leave behind. So it is collected every now and then.
 */
export function noteBytesMoved(bytes: number): void {
  adaptTo(bytes);
  bytesSinceLook += bytes;
  if (bytesSinceLook < minBetweenBytes) return;
  bytesSinceCollection += bytesSinceLook;
  bytesSinceLook = 0;
  if (getHeapStatistics().external_memory < crowdedBytes && bytesSinceCollection < maxBetweenBytes) return;
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

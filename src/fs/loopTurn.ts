// How long this turn of the event loop has lasted: work that never waits keeps signals, timers and sockets from theirs.

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds: short for who presses ^C, and long beside what it costs to wait while sockets are read (up to 60 ms). */
const longestTurnMs = 100;

let beganAt: number | undefined;

/** To be awaited before a step of work that may never wait: a promise that the next turn settles, if this one has lasted long. */
export function breatherIfDue(): Promise<void> | undefined {
  const now = performance.now();
  if (beganAt !== undefined) return now - beganAt > longestTurnMs ? nextTurn() : undefined;
  beganAt = now;
  setImmediate(() => {
    beganAt = undefined;
  });
  return undefined;
}

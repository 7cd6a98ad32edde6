// What becomes of a request that a server was too busy for: it was not run, so it may be sent again, later and later.

import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { RequestOptions } from './RequestOptions.js';

/**
 * Does `attempt`, again after a pause while the server answers that it is overloaded, up to `limits.overloadTries` times in all.
 * Only such an answer says that nothing was done; no other failure is tried again.
 */
export async function whileOverloaded<T>(
  attempt: () => Promise<T>,
  options: Pick<RequestOptions, 'signal' | 'mayRepeat'>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!hasCode(error, 'overloaded') || tries >= limits.overloadTries) throw error;
      if (options.mayRepeat?.() === false) throw error;
      await pause(tries, options.signal);
    }
  }
}

/** Twice as long after each try, less up to half of it, so that many clients do not come back at once. */
async function pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
  const longestMs = limits.overloadPauseMs * 2 ** (tries - 1);
  try {
    await delay(longestMs * (1 - Math.random() / 2), undefined, { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

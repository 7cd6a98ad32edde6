// The server of a soak, in a process of its own: `serve` and nothing else, and what it holds when it is asked.

import { readdirSync } from 'node:fs';
import { serve } from '../../src/server/serve.js';

/** What a process holds after a collection. */
export interface Held {
  readonly liveBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
}

/** Needs `--expose-gc`. */
export function held(): Held {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { liveBytes: heapUsed + external, residentBytes: rss, descriptors: readdirSync('/proc/self/fd').length };
}

if (process.send !== undefined) {
  const server = await serve({ root: process.argv[2], allowedHosts: ['127.0.0.1'] });
  process.on('message', () => process.send?.(held()));
  process.once('disconnect', () => process.exit(0));
  process.send({ url: server.url });
}

// A copy whose server is killed while it is under way.

import { stat } from 'node:fs/promises';
import { type MortalServer, mortalServer } from './mortalServer.js';
import { type RunOptions, runCodexfs } from './runCodexfs.js';
import { temporaryDirectory } from './temporaryDirectory.js';

/** A server that can be killed, and a folder on its side and on ours. */
export async function mortalPlace(listen: 'ws' | 'stdio') {
  const server = await mortalServer(listen);
  const [far, near] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
  return {
    server,
    far,
    near,
    async [Symbol.asyncDispose]() {
      for (const part of [server, far, near]) await part[Symbol.asyncDispose]();
    },
  };
}

export type MortalPlace = Awaited<ReturnType<typeof mortalPlace>>;

/** Runs `codexfs cp` on our side; `box:` is the server. */
export const cpFrom = ({ server, near }: MortalPlace, words: readonly string[], options: RunOptions = {}) =>
  runCodexfs(['--remote', `box=${server.remote}`, 'cp', ...words], {
    cwd: near.path,
    deadlineMs: 120_000,
    ...options,
  });

/** Ends the server so many times, each time when `path` has grown since the last. */
export async function killAsItGrows(server: MortalServer, path: string, times: number): Promise<number> {
  let [kills, seenBytes] = [0, 0];
  while (kills < times && !server.isOver) {
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    // A file that was emptied has begun anew.
    if (size > 0 && size !== seenBytes) {
      await server.kill();
      kills++;
      seenBytes = (await stat(path).catch(() => ({ size: 0 }))).size;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return kills;
}

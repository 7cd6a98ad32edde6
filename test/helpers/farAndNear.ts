// A folder that plays the remote's part and one that plays this machine's, a server beside them, and the program in this process.

import { type ProcessRun, runInProcess } from './runInProcess.js';
import { startCodexfsServe, type TestServer } from './servers.js';
import { type TemporaryDirectory, temporaryDirectory } from './temporaryDirectory.js';
import { makeTree, type Tree, treeOf } from './treeOf.js';

export interface FarAndNear extends AsyncDisposable {
  readonly place: TemporaryDirectory;
  readonly server: TestServer;
  /** Runs codexfs: FAR and NEAR in `words` stand for the two folders, and `box:` is the server. */
  run(...words: readonly string[]): Promise<ProcessRun>;
  near(): Promise<Record<string, string>>;
  far(): Promise<Record<string, string>>;
  /** `text` without what differs from run to run. */
  told(text: string): string;
}

/** Makes `far` and `near`, and starts a server. */
export async function farAndNear(
  far: Tree,
  near: Tree = {},
  start: () => Promise<TestServer> = () => startCodexfsServe({ listen: 'ws' }),
): Promise<FarAndNear> {
  const place = await temporaryDirectory();
  await makeTree(place.join('far'), { ...far });
  await makeTree(place.join('near'), { ...near });
  const server = await start();
  const stands = { FAR: place.join('far'), NEAR: place.join('near') };
  return {
    place,
    server,
    run: (...words) =>
      runInProcess([
        '--remote',
        `box=${server.remote}`,
        ...words.map((word) => word.replaceAll(/FAR|NEAR/g, (found) => stands[found as 'FAR' | 'NEAR'])),
      ]),
    near: () => treeOf(stands.NEAR),
    far: () => treeOf(stands.FAR),
    told: (text) => text.replaceAll(stands.FAR, 'FAR').replaceAll(stands.NEAR, 'NEAR'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

// A folder, a server that offers it as `box:`, and codexfs to look at it with: for tests that are command lines.

import { type RunOptions, runCodexfs } from './runCodexfs.js';
import { startCodexExecServer, startCodexfsServe } from './servers.js';
import { type TemporaryDirectory, temporaryDirectory } from './temporaryDirectory.js';
import { makeTree, type Tree } from './treeOf.js';

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Box extends AsyncDisposable {
  readonly there: TemporaryDirectory;
  readonly remote: string;
  /** Runs codexfs with `words`. `THERE` in them is the folder, and the folder is `THERE` in what comes back. */
  run(...words: readonly string[]): Promise<Outcome>;
  runWith(options: RunOptions, ...words: readonly string[]): Promise<Outcome>;
}

/** The kinds of servers that a box can have: what works must work with both. */
export const boxKinds = ['codex exec-server', 'codexfs serve'] as const;

/** A box with `tree` in its folder. */
export async function openBox(kind: (typeof boxKinds)[number], tree: Tree): Promise<Box> {
  const there = await temporaryDirectory();
  await makeTree(there.path, tree);
  const start = kind === 'codexfs serve' ? startCodexfsServe : startCodexExecServer;
  const server = await start({ listen: 'ws' });
  const runWith = async (options: RunOptions, ...words: readonly string[]) => {
    const args = ['--remote', `box=${server.remote}`, ...words].map((word) => word.replaceAll('THERE', there.path));
    const { exitCode, stdout, stderr } = await runCodexfs(args, { cwd: there.path, ...options });
    const shown = (text: string) => text.replaceAll(there.path, 'THERE');
    return { status: exitCode, out: shown(stdout.toString('utf8')), err: shown(stderr) };
  };
  return {
    there,
    remote: server.remote,
    run: (...words) => runWith({}, ...words),
    runWith,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    },
  };
}

// A server, two empty folders and a way to run command lines between them: what end-to-end tests of commands stand on.

import { type RunOptions, runCodexfs } from './runCodexfs.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from './servers.js';
import { type TemporaryDirectory, temporaryDirectory } from './temporaryDirectory.js';

export const benchServers: Readonly<Record<string, () => Promise<TestServer>>> = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve': () => startCodexfsServe({ listen: 'ws' }),
};

export interface ServerBench {
  readonly server: TestServer;
  /** The working directory of the client. */
  readonly here: TemporaryDirectory;
  /** The directory that `box:` paths of the tests are in. */
  readonly there: TemporaryDirectory;
  /** Runs a command line; `THERE` in it is the path of `there`. The outcome is `STATUS` and what stood on stderr, then stdout. */
  run(line: string, options?: RunOptions): Promise<string>;
}

/** Hands a fresh server and two empty folders to `work`. */
export async function withServer(
  start: () => Promise<TestServer>,
  work: (bench: ServerBench) => Promise<void>,
): Promise<void> {
  await using here = await temporaryDirectory();
  await using there = await temporaryDirectory();
  await using server = await start();
  const run = async (line: string, options: RunOptions = {}) => {
    const words = line.split(' ').map((word) => word.replaceAll('THERE', there.path));
    const result = await runCodexfs(['--remote', `box=${server.remote}`, ...words], { cwd: here.path, ...options });
    return `${result.exitCode} ${result.stderr.replaceAll(there.path, 'THERE')}${result.stdout.toString('utf8')}`;
  };
  await work({ server, here, there, run });
}

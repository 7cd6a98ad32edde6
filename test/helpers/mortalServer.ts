// A `codexfs serve` that is killed and comes back: on the same port, or as the next child of the client.

import { eventually } from './eventually.js';
import { killNow, processesMarked } from './processes.js';
import { startCodexfsServe, type TestServer } from './servers.js';

export interface MortalServer extends AsyncDisposable {
  /** What stands behind `--remote NAME=`. */
  readonly remote: string;
  /** Whether nobody needs it any more. */
  readonly isOver: boolean;
  over(): void;
  /** Kills it by SIGKILL, and brings it back. */
  kill(): Promise<void>;
  /** Kills it, until `revive`. */
  end(): Promise<void>;
  revive(): Promise<void>;
}

let count = 0;

/** Starts one. On stdio each client starts its own, and `kill` ends those that there are. */
export async function mortalServer(listen: 'ws' | 'stdio'): Promise<MortalServer> {
  return listen === 'ws' ? webSocketServer() : stdioServer();
}

async function webSocketServer(): Promise<MortalServer> {
  let server = await startCodexfsServe({ listen: 'ws' });
  const { remote } = server;
  const restart = async (): Promise<TestServer> => startCodexfsServe({ listen: 'ws', args: ['--listen', remote] });
  let isOver = false;
  return {
    remote,
    get isOver() {
      return isOver;
    },
    over: () => {
      isOver = true;
    },
    kill: async () => {
      await server[Symbol.asyncDispose]();
      server = await restart();
    },
    end: async () => server[Symbol.asyncDispose](),
    revive: async () => {
      server = await restart();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function stdioServer(): Promise<MortalServer> {
  const marker = `CODEXFS_MORTAL=${process.pid}-${++count}`;
  const server = await startCodexfsServe({ listen: 'stdio', wrapper: ['env', marker] });
  let isOver = false;
  /** Waits for the next child first, if there is none. */
  const kill = async () => {
    let pids: number[] = [];
    while (pids.length === 0 && !isOver) pids = await processesMarked(marker);
    for (const pid of pids) killNow(pid);
    await eventually(async () => (await processesMarked(marker)).every((pid) => !pids.includes(pid)));
  };
  return {
    remote: server.remote,
    get isOver() {
      return isOver;
    },
    over: () => {
      isOver = true;
    },
    kill,
    end: kill,
    revive: async () => {},
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

// A server that runs shells and says of each what a test has it say. Nothing is run.

import { setImmediate } from 'node:timers/promises';
import type { ServerInfo } from '../../src/dialects/negotiate.js';
import { ProcessDialect } from '../../src/dialects/process.js';
import { ServerPrograms } from '../../src/dialects/ServerPrograms.js';
import type { ConnectionOptions } from '../../src/rpc/Connection.js';
import { answers, type PeerAnswer, type ScriptedPeer, scriptedPeer } from './scriptedPeer.js';

export type ScriptTable = Parameters<typeof answers>[0];

export interface ScriptedShell {
  readonly peer: ScriptedPeer;
  readonly programs: ServerPrograms;
  readonly dialect: ProcessDialect;
  /** The first shell prints `bytes`. */
  prints(stream: 'stdout' | 'stderr', bytes: Buffer | string): Promise<void>;
  /** The first shell ends; without a status the server does not tell one. `seq` is what it claims to have told. */
  ends(exitCode?: number, seq?: number): Promise<void>;
  /** What the first shell was fed so far, as text. */
  fed(): string[];
}

/** What every server answers unless the test says otherwise: it starts shells and takes what they are fed. */
const honest: ScriptTable = {
  'process/start': { result: {} },
  'process/write': { result: { status: 'accepted' } },
  'process/read': { result: { closed: false } },
  'process/terminate': { result: { running: true } },
  'fs/getMetadata': { result: { isDirectory: false, isFile: true, createdAtMs: 0, modifiedAtMs: 7 } },
};

export const linuxServer: ServerInfo = {
  kind: 'exec-server',
  version: undefined,
  platformOs: 'linux',
  cwd: undefined,
  userHomeDir: undefined,
  pathForm: 'native',
  capabilities: {},
};

export function scriptedShell(
  table: ScriptTable = {},
  options: ConnectionOptions = {},
  server: ServerInfo = linuxServer,
): ScriptedShell {
  const peer = scriptedPeer(answers({ ...honest, ...table }), options);
  const programs = new ServerPrograms(peer.connection, server);
  const processId = 'codexfs-1';
  const tell = async (method: string, params: object) => {
    await peer.notify(method, { processId, ...params });
    // Who waits looks at each by itself.
    await setImmediate();
  };
  return {
    peer,
    programs,
    dialect: new ProcessDialect(peer.connection, programs, (wirePath) => wirePath),
    prints: (stream, bytes) => tell('process/output', { stream, chunk: Buffer.from(bytes).toString('base64') }),
    async ends(exitCode, seq) {
      if (exitCode !== undefined) await tell('process/exited', { exitCode });
      await tell('process/closed', { seq });
    },
    fed: () => peer.paramsOf('process/write').map(({ chunk }) => Buffer.from(String(chunk), 'base64').toString()),
  };
}

/** An answer that refuses with `message`. */
export const refusal = (message: string, code = -32603): PeerAnswer => ({ error: { code, message } });

// The library's way to a test server, and the ends of copies made with it.

import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import type { RemoteFileSystem } from '../../src/fs/RemoteFileSystem.js';
import { connectRemote } from '../../src/remotes/connect.js';
import type { Endpoint } from '../../src/transfer/Endpoint.js';
import type { TestServer } from './servers.js';

/** Connects to `server` without the command line in between. */
export function connectTo(server: TestServer): Promise<RemoteFileSystem> {
  const [program = '', ...args] = server.command ?? [];
  const target =
    server.command === undefined
      ? ({ kind: 'webSocket', url: server.remote } as const)
      : ({ kind: 'command', command: { program, args, env: server.env } } as const);
  return connectRemote({ name: 'box', origin: 'a test', target });
}

const here = new LocalFileSystem();

export function localEnd(path: string): Endpoint {
  return { fileSystem: here, path, shown: path, host: 'here' };
}

export function remoteEnd(fileSystem: RemoteFileSystem, path: string): Endpoint {
  return { fileSystem, path, shown: `box:${path}`, host: 'box' };
}

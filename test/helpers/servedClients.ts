// `serve` in this process and clients of it, over each kind of channel.

import { PassThrough } from 'node:stream';
import { type RunningServer, type ServeOptions, serve } from '../../src/server/serve.js';
import { LineTransport } from '../../src/transport/lines.js';
import { memoryTransportPair } from '../../src/transport/memory.js';
import type { Transport } from '../../src/transport/Transport.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { RawClient } from './rawClient.js';

export const channels = ['memory', 'WebSocket', 'stdio'] as const;
export type Channel = (typeof channels)[number];

/** A server with one client on it; both end with the scope. */
export interface ServedClient extends AsyncDisposable {
  readonly server: RunningServer;
  readonly client: RawClient;
  /** One more client; not over stdio, which has one. */
  connect(): Promise<RawClient>;
}

/** Starts a server and a client that has done its handshake as an exec-server client. */
export async function servedClient(channel: Channel, options: ServeOptions = {}): Promise<ServedClient> {
  const { server, connect } = await servers[channel](options);
  const clients: RawClient[] = [];
  const connectNext = async () => {
    const client = new RawClient(await connect());
    clients.push(client);
    return client;
  };
  const client = await connectNext();
  await client.initialize();
  return {
    server,
    client,
    connect: connectNext,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.close()));
      await server.close();
    },
  };
}

interface Reachable {
  readonly server: RunningServer;
  connect(): Promise<Transport>;
}

const servers: Record<Channel, (options: ServeOptions) => Promise<Reachable>> = {
  async memory(options) {
    const server = await serve(options);
    return { server, connect: async () => joinedTo(server) };
  },
  async WebSocket(options) {
    const server = await serve(options);
    return { server, connect: () => connectWebSocket(server.url ?? '') };
  },
  async stdio(options) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const server = await serve({ ...options, listen: 'stdio', stdio: { input, output } });
    return { server, connect: async () => lineTransport(output, input) };
  },
};

function joinedTo(server: RunningServer): Transport {
  const [near, far] = memoryTransportPair();
  server.accept(far);
  return near;
}

function lineTransport(readable: PassThrough, writable: PassThrough): Transport {
  return new LineTransport({ readable, writable, maxMessageBytes: 2 ** 26, peer: 'the server' });
}

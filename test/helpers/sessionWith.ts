// A connection to a server on WebSockets with its handshake done, below the file system that is made of it.

import { type ServerInfo, shakeHands } from '../../src/dialects/negotiate.js';
import { Connection, type ConnectionOptions } from '../../src/rpc/Connection.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';

export interface Session extends AsyncDisposable {
  readonly connection: Connection;
  readonly info: ServerInfo;
}

export async function sessionWith(url: string, options: ConnectionOptions = {}): Promise<Session> {
  const connection = new Connection(await connectWebSocket(url, {}), options);
  const info = await shakeHands(connection, { clientVersion: '0', url });
  return { connection, info, [Symbol.asyncDispose]: () => connection.close('done') };
}

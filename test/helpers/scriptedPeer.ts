// The other side of a client's connection, in memory: it keeps every request as it stood on the wire and answers as its
// script says.

import { Connection, type ConnectionOptions } from '../../src/rpc/Connection.js';
import { memoryTransportPair } from '../../src/transport/memory.js';

export interface PeerRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a script says to a request: a result, an error, or nothing at all. */
export type PeerAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
  | 'silence';

export type Script = (request: PeerRequest) => PeerAnswer | Promise<PeerAnswer>;

export interface ScriptedPeer {
  /** The client's end. */
  readonly connection: Connection;
  /** Every request so far, in the order in which they came. */
  readonly requests: PeerRequest[];
  /** Requests of `method` so far, by their params. */
  paramsOf(method: string): PeerRequest['params'][];
  /** Resolves when `count` requests have come. */
  received(count: number): Promise<void>;
  /** The first `count` notifications, once they have come. */
  notified(count: number): Promise<string[]>;
  /** Tells the client something that it did not ask for. */
  notify(method: string, params: unknown): Promise<void>;
  /** Ends the connection from the peer's side. */
  hangUp(): Promise<void>;
}

export const unknownMethod = (method: string): PeerAnswer => ({
  error: { code: -32601, message: `exec-server stub does not implement \`${method}\` yet` },
});

/** A table of what each method is answered; every other method is unknown. */
export function answers(
  table: Readonly<Record<string, PeerAnswer | ((params: PeerRequest['params']) => PeerAnswer)>>,
): Script {
  return ({ method, params }) => {
    const answer = table[method];
    if (answer === undefined) return unknownMethod(method);
    return typeof answer === 'function' ? answer(params) : answer;
  };
}

export function scriptedPeer(script: Script, options: ConnectionOptions = {}): ScriptedPeer {
  const [near, far] = memoryTransportPair();
  const requests: PeerRequest[] = [];
  const notifications: string[] = [];
  const waiting = new Set<() => void>();
  const until = (isReached: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!isReached()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const reply = async (id: unknown, request: PeerRequest) => {
    const answer = await script(request);
    if (answer !== 'silence') await far.send(Buffer.from(JSON.stringify({ id, ...answer })));
  };
  far.start({
    message(frame) {
      const { id, method, params } = JSON.parse(frame.toString('utf8')) as PeerRequest & { id?: unknown };
      if (id === undefined) {
        notifications.push(method);
        for (const check of waiting) check();
        return;
      }
      requests.push({ method, params });
      for (const check of waiting) check();
      void reply(id, { method, params });
    },
    closed() {},
  });
  return {
    connection: new Connection(near, options),
    requests,
    paramsOf: (method) => requests.filter((request) => request.method === method).map(({ params }) => params),
    received: (count) => until(() => requests.length >= count),
    notified: (count) => until(() => notifications.length >= count).then(() => [...notifications]),
    notify: (method, params) => far.send(Buffer.from(JSON.stringify({ method, params }))),
    hangUp: () => far.close('it was told to'),
  };
}

// The two handshakes: exec-server clients say `clientName` and wait for `initialized`, app-server clients say `clientInfo`.
// What kind a client is decides the words of refusals and the form of paths.

import { randomUUID } from 'node:crypto';
import { rpcCodes } from '../protocol/codes.js';
import { checkParams, SchemaMismatch } from '../protocol/methods.js';
import type { RpcErrorBody } from '../rpc/envelope.js';
import type { Outcome } from '../rpc/Router.js';
import { appServerInfo, type Dialect, environmentInfo, type ServedPlace } from './environment.js';
import type { ClientKind } from './wirePath.js';

type Phase =
  | { readonly name: 'new' }
  /** `initialize` is answered; an exec-server client must say `initialized` before anything else. */
  | { readonly name: 'greeted'; readonly client: ClientKind }
  | { readonly name: 'ready'; readonly client: ClientKind };

export interface HandshakeOptions {
  readonly place: ServedPlace;
  readonly dialects: readonly Dialect[];
}

export class Handshake {
  readonly #options: HandshakeOptions;
  #phase: Phase = { name: 'new' };

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** Until it has said what it is, a client counts as an exec-server client. */
  get client(): ClientKind {
    return this.#phase.name === 'new' ? 'exec-server' : this.#phase.client;
  }

  initialize(params: unknown): Outcome {
    if (this.#phase.name !== 'new') {
      const isApp = this.#phase.client === 'app-server';
      return refuse(isApp ? 'Already initialized' : 'initialize may only be sent once per connection');
    }
    try {
      const { clientName, clientInfo } = checkParams('initialize', params);
      if (clientName !== undefined) return this.#greet('exec-server');
      if (clientInfo !== undefined) return this.#greet('app-server');
      return { error: { code: rpcCodes.invalidParams, message: 'missing field `clientName`' } };
    } catch (error) {
      if (!(error instanceof SchemaMismatch)) throw error;
      return { error: { code: rpcCodes.invalidParams, message: error.message } };
    }
  }

  /** Unknown notifications are passed over, as JSON-RPC has it. */
  notified(method: string): void {
    if (method !== 'initialized' || this.#phase.name !== 'greeted') return;
    this.#phase = { name: 'ready', client: this.#phase.client };
  }

  /** Why `method` may not be called yet; undefined once the handshake is done. */
  refusalOf(method: string): RpcErrorBody | undefined {
    if (this.#phase.name === 'ready') return undefined;
    const missing = this.#phase.name === 'new' ? 'call initialize' : 'send initialized';
    const family = method.startsWith('environment/') ? 'environment info' : 'filesystem';
    return invalidRequest(`client must ${missing} before using ${family} methods`);
  }

  /** App-servers know one code for everything that is wrong with a request. */
  inClientsWords(method: string, error: RpcErrorBody): RpcErrorBody {
    if (this.client === 'exec-server') return error;
    if (error.code === rpcCodes.unknownMethod) {
      return invalidRequest(`Invalid request: unknown variant \`${method.slice(0, 100)}\``);
    }
    return error.code === rpcCodes.invalidParams ? invalidRequest(`Invalid request: ${error.message}`) : error;
  }

  #greet(client: ClientKind): Outcome {
    const { place, dialects } = this.#options;
    if (client === 'app-server') {
      this.#phase = { name: 'ready', client };
      return { result: appServerInfo(place) };
    }
    this.#phase = { name: 'greeted', client };
    return { result: { sessionId: randomUUID(), environmentInfo: environmentInfo(place, dialects) } };
  }
}

function refuse(message: string): Outcome {
  return { error: invalidRequest(message) };
}

function invalidRequest(message: string): RpcErrorBody {
  return { code: rpcCodes.invalidRequest, message };
}

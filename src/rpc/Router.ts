// From a method's name to its handler, with params checked before and the result typed after.

import { CodexfsError } from '../errors.js';
import { withChunk } from '../protocol/bulk.js';
import { rpcCodes, rpcErrorFor } from '../protocol/codes.js';
import { checkParams, isMethod, type Method, type Params, type Result, SchemaMismatch } from '../protocol/methods.js';
import type { RpcErrorBody } from './envelope.js';
import type { IncomingRequest } from './PeerHandlers.js';

/** Answers one request; `call` is whatever its session knows about it. */
export type Handler<M extends Method, Call> = (params: Params<M>, call: Call) => Promise<Result<M>> | Result<M>;
export type Handlers<Call> = { readonly [M in Method]?: Handler<M, Call> };

export type Outcome = { readonly result: unknown } | { readonly error: RpcErrorBody };

/** A table of handlers. What is not in it is answered as an unknown method. */
export class Router<Call = void> {
  readonly #handlers: ReadonlyMap<string, Handler<Method, Call>>;

  constructor(handlers: Handlers<Call>) {
    this.#handlers = new Map(Object.entries(handlers) as [string, Handler<Method, Call>][]);
  }

  has(method: string): boolean {
    return this.#handlers.has(method);
  }

  get methods(): string[] {
    return [...this.#handlers.keys()];
  }

  /**
   * Runs `request`; its handler is called before this returns, so that requests take effect in the order they came.
   * Never rejects: a failure is an outcome, without stack or internals.
   */
  async run(request: IncomingRequest, call: Call): Promise<Outcome> {
    const { method } = request;
    const handler = this.#handlers.get(method);
    if (handler === undefined || !isMethod(method)) {
      return {
        error: rpcErrorFor(
          new CodexfsError('unsupported', `this server does not implement \`${method.slice(0, 100)}\``),
        ),
      };
    }
    try {
      const params = withChunk(checkParams(method, request.params), request.chunk);
      return { result: await handler(params, call) };
    } catch (error) {
      if (error instanceof SchemaMismatch) return { error: { code: rpcCodes.invalidParams, message: error.message } };
      return { error: rpcErrorFor(error) };
    }
  }
}

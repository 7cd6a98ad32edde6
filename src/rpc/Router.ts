// From a method's name to its handler, with params checked before and the result typed after.

import { asError, CodexfsError } from '../errors.js';
import { rpcErrorFor } from '../protocol/codes.js';
import { checkParams, isMethod, type Method, type Params, type Result, SchemaMismatch } from '../protocol/methods.js';
import { type IncomingRequest, withChunk } from './Connection.js';
import type { RpcErrorBody } from './envelope.js';

export type Handler<M extends Method> = (params: Params<M>) => Promise<Result<M>> | Result<M>;
export type Handlers = { readonly [M in Method]?: Handler<M> };

export type Outcome = { readonly result: unknown } | { readonly error: RpcErrorBody };

/** A table of handlers. What is not in it is answered as an unknown method. */
export class Router {
  readonly #handlers: ReadonlyMap<string, Handler<Method>>;

  constructor(handlers: Handlers) {
    this.#handlers = new Map(Object.entries(handlers) as [string, Handler<Method>][]);
  }

  has(method: string): boolean {
    return this.#handlers.has(method);
  }

  get methods(): string[] {
    return [...this.#handlers.keys()];
  }

  /** Runs `request`. Never rejects: a failure is an outcome, without stack or internals. */
  async run(request: IncomingRequest): Promise<Outcome> {
    const { method } = request;
    const handler = this.#handlers.get(method);
    if (handler === undefined || !isMethod(method)) {
      return { error: rpcErrorFor(new CodexfsError('unsupported', `this server does not implement \`${method}\``)) };
    }
    try {
      const params = withChunk(checkParams(method, request.params), request.chunk);
      return { result: await handler(params) };
    } catch (error) {
      if (error instanceof SchemaMismatch) return { error: { code: -32602, message: asError(error).message } };
      return { error: rpcErrorFor(error) };
    }
  }
}

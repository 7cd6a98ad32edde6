// The JSON-RPC envelope of exec-servers: no "jsonrpc" member, members in any order, unknown members passed over.

import type { ParsedFrame } from '../protocol/bulk.js';

export type RequestId = number | string;

/** Hears of a peer's notifications; `chunk` belongs to the params, once they are checked. */
export type NotificationListener = (method: string, params: unknown, chunk: ParsedFrame['chunk']) => void;

/** A message by its kind. A notification is a request that wants no answer. */
export type Envelope =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: RequestId; readonly error: RpcErrorBody };

export interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
}

/** The id that a server puts on the answer to a message whose own id it could not read. */
export const unreadableId = -1;

/** `message` as an envelope, or the reason in words why it is none. */
export function readEnvelope(message: unknown): Envelope | string {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return 'expected a JSON-RPC object';
  const { id, method, params, result, error } = message as Record<string, unknown>;
  if (id !== undefined && !isRequestId(id)) return 'the id must be an integer or a string';
  if (method !== undefined) {
    if (typeof method !== 'string') return 'the method must be a string';
    return id === undefined ? { kind: 'notification', method, params } : { kind: 'request', id, method, params };
  }
  if (id === undefined) return 'a message needs a method or an id';
  if (result !== undefined && error !== undefined) return 'an answer holds a result or an error, not both';
  if (error !== undefined) {
    return isErrorBody(error) ? { kind: 'error', id, error } : 'an error needs a numeric code and a message';
  }
  return result === undefined ? 'an answer needs a result or an error' : { kind: 'result', id, result };
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function isErrorBody(value: unknown): value is RpcErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Record<string, unknown>;
  return typeof code === 'number' && typeof message === 'string';
}

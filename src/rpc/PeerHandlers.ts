// What the peer of a connection may start, and who does something with it.

import type { ParsedFrame } from '../protocol/bulk.js';
import type { CloseReason } from '../transport/Transport.js';
import type { RequestId } from './envelope.js';

/** What a connection does with what its peer starts. Without handlers every request is answered "unknown method". */
export interface PeerHandlers {
  /** A request; `chunk` of the frame belongs to its params. Must lead to one `answer` or `answerError`. */
  request(request: IncomingRequest): void;
  notification(method: string, params: unknown): void;
  /** A message that is no envelope. The default on a client is to end the connection. */
  malformed(problem: string): void;
  closed(reason: CloseReason): void;
}

export interface IncomingRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
  readonly chunk: ParsedFrame['chunk'];
  /** Bytes of the whole frame. */
  readonly frameBytes: number;
}

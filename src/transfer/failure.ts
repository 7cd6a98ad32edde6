// What stopped a transfer, as a failure to report, and whether it stops all else too.

import { CancelledError, CodexfsError, hasCode } from '../errors.js';

/** `error` as the cause of a TransferError: an abort for a reason of the caller's own is a cancellation; undefined for a bug. */
export function foreseen(error: unknown, signal: AbortSignal | undefined): CodexfsError | undefined {
  if (error instanceof CodexfsError) return error;
  return signal?.aborted === true && error === signal.reason ? new CancelledError() : undefined;
}

/** Whether `error` is no answer: the connection is lost or the run is over, and what was asked for may have happened or not. */
export function isAnswerLost(error: unknown): boolean {
  return hasCode(error, 'connection_closed', 'timeout', 'protocol_violation', 'cancelled');
}

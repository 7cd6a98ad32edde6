// What stopped a transfer, as a failure to report.

import { CancelledError, CodexfsError } from '../errors.js';

/** `error` as the cause of a TransferError: an abort for a reason of the caller's own is a cancellation; undefined for a bug. */
export function foreseen(error: unknown, signal: AbortSignal | undefined): CodexfsError | undefined {
  if (error instanceof CodexfsError) return error;
  return signal?.aborted === true && error === signal.reason ? new CancelledError() : undefined;
}

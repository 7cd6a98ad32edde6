// Failures of a copy with the end that they are of.

import { CodexfsError } from '../errors.js';
import { type Endpoint, TransferError } from './Endpoint.js';

export type Shown = Pick<Endpoint, 'shown'>;

/** Runs `work` and makes its failure one of that end of the copy from `from` to `to`. */
export async function onSide<T>(
  side: TransferError['side'],
  from: Shown,
  to: Shown,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TransferError || !(cause instanceof CodexfsError)) throw cause;
    throw sideError(side, from, to, cause);
  }
}

/** `cause` as the failure of a copy that had not begun. */
export function sideError(side: TransferError['side'], from: Shown, to: Shown, cause: CodexfsError): TransferError {
  return new TransferError({ from: from.shown, to: to.shown, side, partial: undefined, cause });
}

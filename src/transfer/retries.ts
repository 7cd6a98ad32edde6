// Copies a file again after its connection was lost. No write is sent twice: each attempt opens the destination afresh, or goes on
// behind what an earlier one is known to have written.

import { hasCode, ReconnectError } from '../errors.js';
import type { CopyResult } from './copyFile.js';
import { type PartialFile, TransferError } from './Endpoint.js';
import { Trail } from './Trail.js';

export interface RetryRule {
  /** How often a copy is tried again. */
  readonly retries: number;
  /** Whether a server that answered nothing in time is tried again too. */
  readonly isInsistent: boolean;
}

export interface RetriedResult extends CopyResult {
  /** How many attempts it took: 1 as a rule. */
  readonly attempts: number;
}

/**
 * Does `copy`, again and again while its connection is lost and `rule` allows it. Every attempt has the trail of those before.
 * @throws {TransferError} the last failure, with what the last attempt that opened the destination left there
 */
export async function withRetries(
  rule: RetryRule,
  copy: (trail: Trail) => Promise<CopyResult>,
): Promise<RetriedResult> {
  const trail = new Trail();
  let left: PartialFile | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      return { ...(await copy(trail)), attempts };
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      left = error.partial ?? left;
      if (attempts <= rule.retries && isPassing(error.cause, rule)) continue;
      if (attempts === 1) throw error;
      throw error.with({ attempts, partial: left });
    }
  }
}

function isPassing(cause: unknown, { isInsistent }: RetryRule): boolean {
  if (cause instanceof ReconnectError) return false;
  return hasCode(cause, 'connection_closed') || (isInsistent && hasCode(cause, 'timeout'));
}

// Connects again after a connection was lost: how often, after how long, and who hears of it.

import { setTimeout as sleep } from 'node:timers/promises';
import { asError, CodexfsError, hasCode, ReconnectError } from '../errors.js';
import { isLoss, type RemoteSession, type Renewal } from '../fs/Sessions.js';
import { limits } from '../protocol/limits.js';

/** A connection will be tried again. */
export interface RetryNews {
  /** From 1 to `retries`. */
  readonly attempt: number;
  readonly retries: number;
  readonly delayMs: number;
  readonly error: CodexfsError;
}

/** Whether and how a lost connection is made again. */
export interface RetryOptions {
  /** How often in a row a connection is tried again before the server counts as lost. */
  readonly retries: number;
  /**
   * Whether somebody asked for it: then also what may be no accident is tried again, a first connection that fails and a server
   * that answers nothing.
   */
  readonly isInsistent?: boolean | undefined;
  readonly onRetry?: ((news: RetryNews) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Reconnector implements Renewal {
  readonly #connect: () => Promise<RemoteSession>;
  readonly #options: RetryOptions;
  /** Attempts since a session was of use. */
  #attempts = 0;
  /** What had been answered on the current connection when it was handed out. */
  #answeredAtFirst = 0;

  constructor(connect: () => Promise<RemoteSession>, options: RetryOptions) {
    this.#connect = connect;
    this.#options = options;
  }

  get retries(): number {
    return this.#options.retries;
  }

  /** The first session. @throws {CodexfsError} what `connect` fails with, the last time */
  async first(): Promise<RemoteSession> {
    const { isInsistent, retries } = this.#options;
    try {
      return this.#used(await this.#connect());
    } catch (error) {
      if (!isInsistent || retries === 0 || !isPassing(error)) throw error;
      return this.#again(error).catch((last: unknown) => {
        throw last instanceof ReconnectError ? last.cause : last;
      });
    }
  }

  /** A session after `ended`. @throws {ReconnectError} when there can be none; the reason itself when none is to be tried */
  async renew({ connection }: RemoteSession): Promise<RemoteSession> {
    const { endedBy } = connection;
    if (!isLoss(endedBy) || (hasCode(endedBy, 'timeout') && !this.#options.isInsistent)) throw endedBy;
    // A server that says goodbye right after the handshake must not be asked for ever.
    if (connection.answeredCount > this.#answeredAtFirst) this.#attempts = 0;
    try {
      return await this.#again(endedBy);
    } catch (error) {
      if (!(error instanceof ReconnectError)) throw error;
      const { retries } = this.#options;
      const tries = retries === 1 ? 'one attempt' : `${retries} attempts`;
      const last = error.cause === endedBy ? '' : `: ${asError(error.cause).message}`;
      throw new ReconnectError(`${endedBy.message}; ${tries} to reconnect failed${last}`, { cause: endedBy });
    }
  }

  /** @throws {ReconnectError} with the last failure as its cause */
  async #again(failure: CodexfsError): Promise<RemoteSession> {
    const { retries, signal, onRetry } = this.#options;
    let error = failure;
    while (this.#attempts < retries) {
      const attempt = ++this.#attempts;
      const delayMs = delayBefore(attempt);
      onRetry?.({ attempt, retries, delayMs, error });
      await sleep(delayMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
      try {
        return this.#used(await this.#connect());
      } catch (next) {
        if (!isPassing(next)) throw next;
        error = next;
      }
    }
    throw new ReconnectError(error.message, { cause: error });
  }

  #used(session: RemoteSession): RemoteSession {
    this.#answeredAtFirst = session.connection.answeredCount;
    return session;
  }
}

/** Whether another try may succeed: not where the server has refused who asks, or the command line is wrong. */
function isPassing(error: unknown): error is CodexfsError {
  return error instanceof CodexfsError && hasCode(error, 'connect_failed', 'handshake_failed', 'connection_closed');
}

/** Twice as long each time, up to a bound, and somewhat less by chance: many clients must not come back at one moment. */
function delayBefore(attempt: number): number {
  const longestMs = Math.min(limits.reconnectMs * 2 ** (attempt - 1), limits.reconnectMaxMs);
  return Math.round(longestMs * (0.5 + Math.random() / 2));
}

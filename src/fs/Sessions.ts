// The sessions with one server, one after the other: when a connection is lost, whatever needs the server next makes another, once
// for all that wait.

import type { NegotiatedDialects, ServerInfo } from '../dialects/negotiate.js';
import { type CodexfsError, hasCode, ReconnectError } from '../errors.js';
import type { Connection } from '../rpc/Connection.js';
import type { HostTools } from './HostTools.js';

/** A connection whose handshake is done, and what came of it. */
export interface RemoteSession {
  readonly connection: Connection;
  readonly server: ServerInfo;
  readonly dialects: NegotiatedDialects;
  /** Absent where no program may be run on the server. */
  readonly tools?: HostTools | undefined;
}

/** What a lost connection is made good by. */
export interface Renewal {
  /** How often in a row one thing may be asked for again. */
  readonly retries: number;
  /** Makes another session after `ended`, which lost its connection. @throws {CodexfsError} for all that still needs the server */
  renew(ended: RemoteSession): Promise<RemoteSession>;
}

export class Sessions {
  #current: RemoteSession;
  readonly #renewal: Renewal | undefined;
  #renewing: Promise<RemoteSession> | undefined;
  #isClosed = false;

  /** Without `renewal` the first session is the only one. */
  constructor(first: RemoteSession, renewal: Renewal | undefined) {
    this.#current = first;
    this.#renewal = renewal;
  }

  /** The last session, usable or not. */
  get current(): RemoteSession {
    return this.#current;
  }

  /** A session to use, made first if need be. @throws {CodexfsError} when none can be made; from then on at once */
  live(): Promise<RemoteSession> {
    const renewal = this.#current.connection.endedBy === undefined ? undefined : this.#usableRenewal;
    if (renewal === undefined) return Promise.resolve(this.#current);
    this.#renewing ??= this.#renewed(renewal);
    return this.#renewing;
  }

  /**
   * Does `work`, which changes nothing or may be done twice; again in another session when its connection was lost, but not for
   * ever: it may be what the server dies of, whatever it answers before.
   */
  async repeat<T>(work: (session: RemoteSession) => Promise<T>): Promise<T> {
    for (let losses = 1; ; losses++) {
      const session = await this.live();
      try {
        return await work(session);
      } catch (error) {
        const renewal = this.#usableRenewal;
        if (error !== session.connection.endedBy || renewal === undefined || !isLoss(error)) throw error;
        if (losses <= renewal.retries) continue;
        throw new ReconnectError(`${error.message}, ${losses} times for the same request`, { cause: error });
      }
    }
  }

  /** Ends the session, and makes no other. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#current.connection.close('done');
  }

  get #usableRenewal(): Renewal | undefined {
    return this.#isClosed ? undefined : this.#renewal;
  }

  /** A failure stays: whoever still needs the server gets it at once. */
  async #renewed(renewal: Renewal): Promise<RemoteSession> {
    const session = await renewal.renew(this.#current);
    this.#current = session;
    this.#renewing = undefined;
    if (this.#isClosed) await session.connection.close('done');
    return session;
  }
}

/** Whether `error` says that a connection ended by no fault of what was asked; a server that breaks the protocol will do so again. */
export function isLoss(error: unknown): error is CodexfsError {
  return hasCode(error, 'connection_closed', 'timeout') && !(error instanceof ReconnectError);
}

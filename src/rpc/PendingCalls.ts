// The calls of one connection that wait for their answers: their turns, their deadlines, and those that were given up.

import { limits } from '../protocol/limits.js';
import type { Method } from '../protocol/methods.js';
import { Deadlines, type TimedCall } from './deadlines.js';
import type { RequestId } from './envelope.js';
import { Turns } from './Turns.js';

/** A call whose answer is of type `T`. */
export interface PendingCall<T> extends TimedCall {
  readonly method: Method;
  sentAt: number;
  readonly maxAnswerBytes: number | undefined;
  resolve(answer: T): void;
  reject(error: unknown): void;
}

export class PendingCalls<T> {
  #calls = new Map<RequestId, PendingCall<T>>();
  /** Ids of calls that were given up: their answers may still come and mean nothing. */
  readonly #abandoned = new Set<RequestId>();
  readonly #turns = new Turns(limits.requestsInFlight);
  readonly #deadlines: Deadlines<PendingCall<T>>;

  /** `expired` hears of the first call that is late. */
  constructor(expired: (call: PendingCall<T>) => void) {
    this.#deadlines = new Deadlines(() => this.#calls.values(), expired);
  }

  /** Whether the peer owes an answer. */
  get areUnderWay(): boolean {
    return this.#turns.underWay > 0;
  }

  /** The most bytes that the answer to any of them may have, where one says so. */
  get maxAnswerBytes(): number {
    let most = 0;
    for (const { maxAnswerBytes = 0 } of this.#calls.values()) most = Math.max(most, maxAnswerBytes);
    return most;
  }

  /** Calls `begin` when it is the turn of `call`. */
  add(call: PendingCall<T>, begin: () => void): void {
    this.#calls.set(call.id, call);
    this.#turns.take(call.id, () => {
      call.sentAt = performance.now();
      begin();
    });
    this.#deadlines.watch();
  }

  /** The call that an answer with `id` is for, which waits no longer; undefined where none is due. */
  take(id: RequestId): PendingCall<T> | 'given up' | undefined {
    const call = this.#turns.isWaiting(id) ? undefined : this.#calls.get(id);
    if (call === undefined && !this.#abandoned.delete(id)) return undefined;
    this.#calls.delete(id);
    this.#deadlines.answered(Number(id));
    this.#turns.over();
    return call ?? 'given up';
  }

  /** Fails the call with `reason`, if it still waits. */
  abandon(id: RequestId, reason: unknown): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    if (!this.#turns.leave(id)) this.#abandoned.add(id);
    call.reject(reason);
  }

  /** Fails all with `error`; none begins any more. */
  end(error: unknown): void {
    this.#deadlines.stop();
    this.#turns.end();
    const calls = this.#calls;
    this.#calls = new Map();
    for (const call of calls.values()) call.reject(error);
  }
}

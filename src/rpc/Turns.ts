// How many requests are on their way at a time. Released servers stop reading for good when too many wait for their answers, so
// that the rest have to wait here, and begin in the order in which they came.

import type { RequestId } from './envelope.js';

export class Turns {
  readonly #limit: number;
  #underWay = 0;
  readonly #waiting = new Map<RequestId, () => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Requests that are not answered yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Calls `begin` when it is the turn of `id`: at once where there is room. */
  take(id: RequestId, begin: () => void): void {
    if (this.#underWay >= this.#limit) {
      this.#waiting.set(id, begin);
      return;
    }
    this.#underWay++;
    begin();
  }

  isWaiting(id: RequestId): boolean {
    return this.#waiting.has(id);
  }

  /** Gives up the turn of `id`; false where it has begun. */
  leave(id: RequestId): boolean {
    return this.#waiting.delete(id);
  }

  /** One that began is answered: the next begins. */
  over(): void {
    this.#underWay--;
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [id, begin] = next;
    this.#waiting.delete(id);
    this.#underWay++;
    begin();
  }

  /** Nothing begins any more. */
  end(): void {
    this.#waiting.clear();
  }
}

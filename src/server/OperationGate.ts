// How much a session does at once: operations that run, and bytes of answers that its client has not taken yet. What does
// not fit waits here, in order. Without it, a client that asks and never reads would fill the server's memory.

import { limits } from '../protocol/limits.js';

export interface GateLimits {
  readonly running: number;
  readonly answerBytes: number;
}

const sessionLimits: GateLimits = { running: limits.runningOperations, answerBytes: limits.unsentAnswerBytes };

interface Waiting {
  readonly weight: number;
  enter(): void;
  refuse(error: Error): void;
}

/** The answers of all sessions together. */
export class AnswerBudget {
  readonly #limitBytes: number;
  readonly #blocked = new Set<OperationGate>();
  #usedBytes = 0;

  constructor(limitBytes: number = limits.serverAnswerBytes) {
    this.#limitBytes = limitBytes;
  }

  fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.#limitBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Gives back and lets the gates that waited for it try again. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#blocked.size === 0) return;
    const gates = [...this.#blocked];
    this.#blocked.clear();
    for (const gate of gates) gate.pump();
  }

  wakeLater(gate: OperationGate): void {
    this.#blocked.add(gate);
  }
}

/** One session's gate. A call enters with the weight of its answer and gives it back when its client has taken the answer. */
export class OperationGate {
  readonly #limits: GateLimits;
  readonly #budget: AnswerBudget;
  #waiting: Waiting[] = [];
  #running = 0;
  #heldBytes = 0;
  #closedBy: Error | undefined;
  #idle: () => void = () => {};

  constructor(budget: AnswerBudget = new AnswerBudget(), gateLimits: GateLimits = sessionLimits) {
    this.#budget = budget;
    this.#limits = gateLimits;
  }

  /** Bytes of answers in the making or on their way. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Runs `work` when there is room for it; the `weight` bytes of its answer stay held until `release`. */
  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    const entering = this.#enter(weight);
    if (entering !== undefined) await entering;
    try {
      return await work();
    } finally {
      this.#running--;
      if (this.#running === 0) this.#idle();
      this.pump();
    }
  }

  release(weight: number): void {
    this.#heldBytes -= weight;
    this.#budget.give(weight);
    this.pump();
  }

  /** Starts what has room by now. */
  pump(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#hasRoom(next.weight)) return;
      this.#waiting.shift();
      this.#hold(next.weight);
      next.enter();
    }
  }

  /** Refuses what waits and what comes; resolves when what runs has ended, which nobody can hasten. */
  close(error: Error): Promise<void> {
    this.#closedBy ??= error;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { refuse } of waiting) refuse(this.#closedBy);
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#running === 0) resolve();
    });
  }

  /** Undefined when there is room at once. */
  #enter(weight: number): Promise<void> | undefined {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    if (this.#waiting.length === 0 && this.#hasRoom(weight)) {
      this.#hold(weight);
      return undefined;
    }
    return new Promise((enter, refuse) => this.#waiting.push({ weight, enter, refuse }));
  }

  #hold(weight: number): void {
    this.#running++;
    this.#heldBytes += weight;
    this.#budget.take(weight);
  }

  #hasRoom(weight: number): boolean {
    if (this.#running >= this.#limits.running) return false;
    const isIdle = this.#heldBytes === 0;
    if (!isIdle && this.#heldBytes + weight > this.#limits.answerBytes) return false;
    if (this.#budget.fits(weight) || (isIdle && weight <= limits.smallAnswerBytes)) return true;
    this.#budget.wakeLater(this);
    return false;
  }
}

// How many requests of one session are read and not answered. Beyond its limits reading stops until enough are answered, so
// that a client that asks faster than it is served waits in its own socket.

import { limits } from '../protocol/limits.js';

/** What is paused and resumed: the session's connection. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export class Intake {
  readonly #flow: Flow;
  #requests = 0;
  #bytes = 0;
  #isPaused = false;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  arrived(frameBytes: number): void {
    this.#requests++;
    this.#bytes += frameBytes;
    if (this.#isPaused || !this.#isOver(1)) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  answered(frameBytes: number): void {
    this.#requests--;
    this.#bytes -= frameBytes;
    // Not at the first free place: one resume for many requests.
    if (!this.#isPaused || this.#isOver(0.5)) return;
    this.#isPaused = false;
    this.#flow.resume();
  }

  #isOver(share: number): boolean {
    return this.#requests >= limits.unansweredRequests * share || this.#bytes >= limits.unansweredRequestBytes * share;
  }
}

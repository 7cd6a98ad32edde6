// Signals: the first one asks for an orderly end, the second one and a stuck end are not waited for. Either way the process
// dies by the signal itself, so that a shell loop around it stops too.

import { setMaxListeners } from 'node:events';
import { CancelledError } from '../errors.js';
import { limits } from '../protocol/limits.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds from the first signal to the end, whatever hangs: the settling, and a little for the words about it. */
const hardLimitMs = limits.cancelSettleMs + 500;

/**
 * Milliseconds in which the same signal again is the same wish: `timeout` and npm send it to their child and to its group.
 * Nobody's fingers are that fast.
 */
const echoMs = 30;

export class Interruption {
  /** Called, synchronously, before the process ends without the orderly end: what is still to be said and restored. */
  lastWords: () => void = () => {};
  readonly #controller = new AbortController();
  #received: NodeJS.Signals | undefined;
  #receivedAtMs = 0;

  /** Watches the signals from now on. */
  constructor() {
    // Every request in flight listens to the one signal.
    setMaxListeners(0, this.#controller.signal);
    for (const signal of signals) process.on(signal, this.#receive);
  }

  /** Aborts with a CancelledError at the first signal, or when something else makes the work pointless. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal that asked for the end, if one did. */
  get received(): NodeJS.Signals | undefined {
    return this.#received;
  }

  /** Ends the work without a signal. */
  cancel(): void {
    this.#controller.abort(new CancelledError());
  }

  /** The end that the signal asked for was a success of the work, and not its end before time. */
  fulfil(): void {
    this.#received = undefined;
  }

  /**
   * Ends the process by the signal that was received, or by `otherwise`; does nothing if there is neither. Unlike
   * `process.exit` this does not wait for threads that are stuck in a system call.
   */
  raise(otherwise?: NodeJS.Signals): void {
    const signal = this.#received ?? otherwise;
    if (signal === undefined) return;
    for (const name of signals) process.off(name, this.#receive);
    process.kill(process.pid, signal);
  }

  readonly #receive = (signal: NodeJS.Signals): void => {
    if (this.#received !== undefined) {
      if (signal !== this.#received || performance.now() - this.#receivedAtMs >= echoMs) this.#endNow();
      return;
    }
    this.#received = signal;
    this.#receivedAtMs = performance.now();
    setTimeout(() => this.#endNow(), hardLimitMs).unref();
    this.#controller.abort(new CancelledError(signal));
  };

  #endNow(): void {
    this.lastWords();
    this.raise();
  }
}

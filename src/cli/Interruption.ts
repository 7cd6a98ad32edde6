// Signals: the first one asks for an orderly end, the second one and a stuck end are not waited for. Either way the process
// dies by the signal itself, so that a shell loop around it stops too.

import { CancelledError } from '../errors.js';
import { limits } from '../protocol/limits.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds from the first signal to the end, whatever hangs: the settling, and a little for the words about it. */
const hardLimitMs = limits.cancelSettleMs + 500;

export class Interruption {
  /** Called, synchronously, before the process ends without the orderly end: what is still to be said and restored. */
  lastWords: () => void = () => {};
  readonly #controller = new AbortController();
  #received: NodeJS.Signals | undefined;

  /** Watches the signals from now on. */
  constructor() {
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

  /** Ends the process by the signal that was received; does nothing if there was none. */
  raise(): void {
    if (this.#received === undefined) return;
    for (const signal of signals) process.off(signal, this.#receive);
    process.kill(process.pid, this.#received);
  }

  readonly #receive = (signal: NodeJS.Signals): void => {
    if (this.#received !== undefined) {
      this.#endNow();
      return;
    }
    this.#received = signal;
    setTimeout(() => this.#endNow(), hardLimitMs).unref();
    this.#controller.abort(new CancelledError(signal));
  };

  #endNow(): void {
    this.lastWords();
    this.raise();
  }
}

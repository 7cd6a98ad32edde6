// Many short pieces for stdout in few writes, none of them held back for long.

import type { Output } from './Output.js';

/** Characters that are gathered before they are written. */
const heldChars = 16 * 1024;

export class LineWriter {
  readonly #output: Output;
  #held = '';
  #isScheduled = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Takes `text`, which is written soon. Resolves when there is room for more. Fails as `Output.data` does. */
  async write(text: string): Promise<void> {
    this.#held += text;
    if (this.#held.length >= heldChars) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      // A failure is kept by the output, and met again by whoever writes or ends next.
      this.flush().catch(() => {});
    });
  }

  /** Writes what is held. To be called at the end. */
  async flush(): Promise<void> {
    const text = this.#held;
    this.#held = '';
    if (text !== '') await this.#output.data(text);
  }
}

// Questions to the person at the terminal, one at a time, whatever the standard streams are used for.

import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { abortable } from '../transfer/settle.js';

export class Terminal implements Disposable {
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  readonly #write: (text: string) => void;
  readonly #close: () => void;
  /** The last question; the next one is asked when it is answered. */
  #last: Promise<unknown> = Promise.resolve();

  /** The controlling terminal, or the one that stdin is; undefined where there is neither. */
  static open(): Terminal | undefined {
    const own = openControlling();
    if (own !== undefined) return own;
    if (!isatty(0)) return undefined;
    return new Terminal(
      process.stdin,
      (text) => void process.stderr.write(text),
      () => process.stdin.destroy(),
    );
  }

  constructor(input: Readable, write: (text: string) => void, close: () => void) {
    // No line editing: that would take ^C for a key.
    this.#lines = createInterface({ input, terminal: false });
    this.#answers = this.#lines[Symbol.asyncIterator]();
    this.#write = write;
    this.#close = close;
  }

  /** Whether the answer to `question` begins with a y; a terminal that is gone answers nothing. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean> {
    const answered = this.#last.then(async () => {
      signal?.throwIfAborted();
      this.#write(question);
      const answer = await abortable(this.#answers.next(), signal);
      return answer.done !== true && /^\s*y/i.test(answer.value);
    });
    this.#last = answered.catch(() => {});
    return answered;
  }

  [Symbol.dispose](): void {
    this.#lines.close();
    this.#close();
  }
}

function openControlling(): Terminal | undefined {
  try {
    const output = openSync('/dev/tty', 'w');
    const input = new ReadStream(openSync('/dev/tty', 'r'));
    const close = () => {
      input.destroy();
      closeSync(output);
    };
    return new Terminal(input, (text) => writeSync(output, text), close);
  } catch {
    return undefined;
  }
}

// The command that goes on with what was interrupted: the one that was given, with what else it needs by now.

import { shellQuoted } from '../show.js';

/** Global options whose value is a word of its own, and so may look like the name of a command. */
const optionsWithValue = [
  '--remote',
  '--token-file',
  '--timeout',
  '--connect-timeout',
  '--retries',
  '--color',
  '--progress',
];

export class ContinueCommand {
  readonly #command: string;
  readonly #words: readonly string[];
  readonly #options: string[];

  /** `words` are those of `command`, without node and script; it goes on when it is called again with `options`. */
  constructor(command: string, words: readonly string[], options: readonly string[]) {
    this.#command = command;
    this.#words = words;
    this.#options = [...options];
  }

  /** The destination is the copy itself, and exists from now on: without -T the next run would make another copy in it. */
  noteCopyItself(): void {
    if (!this.#options.includes('-T')) this.#options.unshift('-T');
  }

  /** As a line for a shell, and for a terminal: names that a pattern has matched may hold anything. */
  toString(): string {
    const words = this.#words;
    const at = words.findIndex(
      (word, index) => word === this.#command && !optionsWithValue.includes(words[index - 1] ?? ''),
    );
    const behind = words.slice(at + 1);
    const added = this.#options.filter((option) => !behind.includes(option));
    return ['codexfs', ...words.slice(0, at + 1), ...added, ...behind].map(shellQuoted).join(' ');
  }
}

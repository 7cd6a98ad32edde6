// The command that goes on with what was interrupted: the one that was given, with --continue and what else it needs by now.

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
  readonly #words: readonly string[];
  readonly #options = ['--continue'];

  /** `words` are those of a cp, without node and script. */
  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** The destination is the copy itself, and exists from now on: without -T the next run would make another copy in it. */
  noteCopyItself(): void {
    if (!this.#options.includes('-T')) this.#options.unshift('-T');
  }

  /** As a line for a shell. */
  toString(): string {
    const words = this.#words;
    const at = words.findIndex((word, index) => word === 'cp' && !optionsWithValue.includes(words[index - 1] ?? ''));
    const behind = words.slice(at + 1);
    const added = this.#options.filter((option) => !behind.includes(option));
    return ['codexfs', ...words.slice(0, at + 1), ...added, ...behind].map(quoted).join(' ');
  }
}

function quoted(word: string): string {
  if (/^[\w@%+=:,./~-]+$/.test(word) && !word.startsWith('~')) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

// A command line that is being typed, as far as completion has to understand it: which command, which option waits for its value.

import type { Option } from 'commander';

/** Gives the options of a command, or of the program. */
export type OptionsOf = (command: string | undefined) => Promise<readonly Option[]>;

export class TypedLine {
  /** The name of the command; undefined while none has been typed. */
  command: string | undefined;
  /** The option whose value is typed now. */
  awaiting: Option | undefined;
  /** Whether `--` was typed, so that nothing is an option any more. */
  isBehindDashes = false;
  /** The word that is being typed; empty when nothing of it is there yet. */
  readonly current: string;
  /** The options that may be typed: those of the command, or of the program while there is none. */
  options: readonly Option[] = [];
  readonly #optionsOf: OptionsOf;
  readonly #values = new Map<string, string[]>();

  /** Reads `words`, without the name of the program; the last one is being typed. */
  static async read(words: readonly string[], optionsOf: OptionsOf): Promise<TypedLine> {
    const line = new TypedLine(words.at(-1) ?? '', optionsOf);
    line.options = await optionsOf(undefined);
    for (const word of words.slice(0, -1)) await line.#take(word);
    return line;
  }

  private constructor(current: string, optionsOf: OptionsOf) {
    this.current = current;
    this.#optionsOf = optionsOf;
  }

  /** What was given to the option `flag`, in order. */
  valuesOf(flag: string): readonly string[] {
    return this.#values.get(flag) ?? [];
  }

  async #take(word: string): Promise<void> {
    const { awaiting } = this;
    this.awaiting = undefined;
    if (awaiting !== undefined) return this.#keep(awaiting, word);
    if (this.isBehindDashes) return;
    if (word === '--') this.isBehindDashes = true;
    else if (word.startsWith('-')) this.#takeOption(word);
    else if (this.command === undefined) {
      this.command = word;
      this.options = await this.#optionsOf(word);
    }
  }

  #takeOption(word: string): void {
    const [flag, value] = word.split(/=(.*)/s);
    const option = this.options.find(({ long, short }) => flag === long || flag === short);
    if (option === undefined) return;
    if (value !== undefined) this.#keep(option, value);
    else if (option.required) this.awaiting = option;
  }

  #keep(option: Option, value: string): void {
    const flag = option.long ?? '';
    this.#values.set(flag, [...this.valuesOf(flag), value]);
  }
}

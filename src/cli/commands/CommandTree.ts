// What a command's declaration gets: how it is called, and what of the process it may use.

import type { Command } from 'commander';
import type { Host, Work } from '../execute.js';

/** The tree of commands, as one of them sees it. */
export interface CommandTree {
  readonly host: Host;
  /**
   * Makes `command` one with words behind it, locations as a rule, and with the global options. `load` is called with the words
   * when the command is, and gives the work.
   */
  onCall(command: Command, load: (words: readonly string[]) => Promise<Work>, rule?: WordsRule): void;
}

export interface WordsRule {
  /** Whether the command means something without any word. False by default: that is wrong use. */
  readonly mayBeAlone?: boolean;
}

/** Gives `command`, which has its name and summary, its options, help and action. */
export type Declare = (command: Command, tree: CommandTree) => void;

/** One command as the program knows it before it is called. */
export interface CommandEntry {
  readonly name: string;
  /** One sentence, for the list of commands and for its own help. */
  readonly summary: string;
  /** Whether the list of commands leaves it out. */
  readonly isHidden?: boolean;
  /** Loads the declaration: nothing of a command that is not called is loaded. */
  readonly load: () => Promise<Declare>;
}

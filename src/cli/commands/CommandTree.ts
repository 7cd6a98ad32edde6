// What a command's declaration gets: how it is called, and what of the process it may use.

import type { Command, Option } from 'commander';
import type { Host, Work } from '../execute.js';

/** The tree of commands, as one of them sees it. */
export interface CommandTree {
  readonly host: Host;
  /**
   * Makes `command` one with words behind it, locations as a rule, and with the global options. `load` is called with the words
   * when the command is, and gives the work.
   */
  onCall(command: Command, load: (words: readonly string[]) => Promise<Work>, rule?: WordsRule): void;
  /** All commands. */
  readonly entries: readonly CommandEntry[];
  /** The commands that are no secret. */
  readonly commandNames: readonly string[];
  /** The help of the command called `name`; undefined: of the program. */
  helpOf(name: string | undefined): Promise<string>;
  /** The options of the command called `name`, its own and the global ones; undefined: of the program. */
  optionsOf(name: string | undefined): Promise<readonly Option[]>;
  /** Writes what people read to standard output, fitted to a narrow terminal. */
  tell(text: string): Promise<void>;
}

export interface WordsRule {
  /** Whether the command means something without any word. False by default: that is wrong use. */
  readonly mayBeAlone?: boolean;
  /** What its help says of its exit status, where that is not the common one. */
  readonly exitStatus?: string;
}

/** Gives `command`, which has its name and summary, its options, help and action. */
export type Declare = (command: Command, tree: CommandTree) => void;

/** How the list of commands is divided. */
export const commandGroups = {
  copy: 'Copy',
  look: 'Look',
  change: 'Change',
  servers: 'Servers',
} as const;

/** What may stand behind the name of a command. */
export type WordKind = 'locations' | 'remotes' | 'commands' | 'shells' | 'nothing';

/** One command as the program knows it before it is called. */
export interface CommandEntry {
  readonly name: string;
  /** One sentence, for the list of commands and for its own help. */
  readonly summary: string;
  readonly group: keyof typeof commandGroups;
  /** What its words are, for completion: locations unless said. */
  readonly words?: WordKind;
  /** Whether the list of commands leaves it out. */
  readonly isHidden?: boolean;
  /** Loads the declaration: nothing of a command that is not called is loaded. */
  readonly load: () => Promise<Declare>;
}

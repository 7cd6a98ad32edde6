// The commander tree: the names of all commands, and the whole declaration of the one that is called.

import { Command, CommanderError, type Option } from 'commander';
import { CodexfsError, UsageError } from '../errors.js';
import { version } from '../version.js';
import type { CommandEntry, CommandTree, WordsRule } from './commands/CommandTree.js';
import { commandTable } from './commands/commandTable.js';
import { errorLines } from './errorText.js';
import { execute, type Host, type Work } from './execute.js';
import { exitStatus, exitStatusOf } from './exitStatus.js';
import { addGlobalOptions, globalOptionsOf } from './globalOptions.js';
import { helpLayout } from './help/helpLayout.js';
import { rootHelp } from './help/rootHelp.js';
import { usageErrorOf } from './usageErrorOf.js';

/** Parses `words` (without node and script) and runs the command. Resolves with the exit status. */
export async function runProgram(words: readonly string[], host: Host): Promise<number> {
  const tree = new Tree(host);
  try {
    await tree.run(words);
    return tree.status;
  } catch (error) {
    if (host.output.isReaderGone) return exitStatus.readerGone;
    if (!(error instanceof CodexfsError)) throw error;
    host.output.error(errorLines(error, { command: tree.failedCommand }));
    return exitStatusOf(error);
  }
}

class Tree implements CommandTree {
  readonly host: Host;
  /** What the command that ran came to. */
  status: number = exitStatus.ok;
  /** The command whose words are read, and so are wrong if any are; undefined for the program's own. */
  failedCommand: string | undefined;
  readonly #program: Command;
  readonly #entries = new Map<Command, CommandEntry>();
  /** What --help and --version have to say. */
  readonly #help: string[] = [];

  constructor(host: Host) {
    this.host = host;
    this.#program = new Command('codexfs')
      .version(version, '--version', 'print the version')
      .configureOutput({ ...helpLayout, writeOut: (text) => this.#help.push(text), writeErr: () => {} })
      .helpOption('-h, --help', 'print help')
      .helpCommand(false)
      .exitOverride((error) => this.#refuse(error, undefined))
      .hook('preSubcommand', (_program, command) => this.#declare(command))
      .enablePositionalOptions();
    this.#program.helpInformation = () => rootHelp(commandTable);
    addGlobalOptions(this.#program);
    for (const entry of commandTable) this.#add(entry);
  }

  /** @throws {CodexfsError} when the words are wrong, or help and version cannot be written */
  async run(words: readonly string[]): Promise<void> {
    try {
      await this.#program.parseAsync([...words], { from: 'user' });
    } catch (error) {
      // How commander ends after --help and --version.
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
      await this.tell(this.#help.join(''));
    }
  }

  onCall(command: Command, load: (words: readonly string[]) => Promise<Work>, rule: WordsRule = {}): void {
    command.argument('[words...]').configureHelp({ visibleArguments: () => [] });
    command.addHelpText('after', `\nExit status: ${rule.exitStatus ?? commonExitStatus}\n`);
    addGlobalOptions(command).action(async (words: string[]) => {
      const name = command.name();
      const options = globalOptionsOf(this.#program, command);
      if (words.length === 0 && !rule.mayBeAlone)
        throw new UsageError('an operand is missing', { hint: `codexfs ${name} ${command.usage()}` });
      this.status = await execute({ command: name, words, options }, this.host, await load(words));
    });
  }

  get entries(): readonly CommandEntry[] {
    return commandTable;
  }

  get commandNames(): readonly string[] {
    return commandTable.filter(({ isHidden }) => !isHidden).map(({ name }) => name);
  }

  async optionsOf(name: string | undefined): Promise<readonly Option[]> {
    const command = this.#program.commands.find((candidate) => candidate.name() === name) ?? this.#program;
    await this.#declare(command);
    return command.options;
  }

  async helpOf(name: string | undefined): Promise<string> {
    const command = this.#program.commands.find((candidate) => candidate.name() === name) ?? this.#program;
    await this.#declare(command);
    command.outputHelp();
    return this.#help.splice(0).join('');
  }

  tell(text: string): Promise<void> {
    return this.host.output.text(text);
  }

  #add(entry: CommandEntry): void {
    const command = this.#program.command(entry.name, { hidden: entry.isHidden === true });
    command.description(entry.summary).exitOverride((error) => this.#refuse(error, entry.name));
    this.#entries.set(command, entry);
  }

  /** Before its words are read. */
  async #declare(command: Command): Promise<void> {
    this.failedCommand = command.name();
    const declare = await this.#entries.get(command)?.load();
    declare?.(command, this);
  }

  /** Turns what commander refuses into an error in the form of this program. */
  #refuse(error: CommanderError, command: string | undefined): never {
    if (error.exitCode === 0) throw error;
    throw usageErrorOf(error, command);
  }
}

const commonExitStatus = '0 all done, 1 some items failed, else why: codexfs help exit-codes';

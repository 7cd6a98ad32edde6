// The commander tree: the names of all commands, and the whole declaration of the one that is called.

import { Command, CommanderError } from 'commander';
import { CodexfsError, UsageError } from '../errors.js';
import { version } from '../version.js';
import type { CommandEntry, CommandTree, WordsRule } from './commands/CommandTree.js';
import { commandTable } from './commands/commandTable.js';
import { errorLines } from './errorText.js';
import { execute, type Host, type Work } from './execute.js';
import { exitStatus, exitStatusOf } from './exitStatus.js';
import { addGlobalOptions, globalOptionsOf } from './globalOptions.js';
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
      .description('Copy files to and from Codex exec-servers: what scp is to ssh servers.')
      .usage('COMMAND [OPTION]… LOCATION…')
      .version(version, '--version', 'print the version')
      .configureOutput({ writeOut: (text) => this.#help.push(text), writeErr: () => {} })
      .configureHelp({ subcommandTerm: (command) => command.name() })
      .helpOption('-h, --help', 'print help')
      .helpCommand(false)
      .addHelpText('after', programHelp)
      .exitOverride((error) => this.#refuse(error, undefined))
      .hook('preSubcommand', (_program, command) => this.#declare(command))
      .enablePositionalOptions();
    addGlobalOptions(this.#program);
    for (const entry of commandTable) this.#add(entry);
    this.#addHelp();
  }

  /** @throws {CodexfsError} when the words are wrong, or help and version cannot be written */
  async run(words: readonly string[]): Promise<void> {
    try {
      await this.#program.parseAsync([...words], { from: 'user' });
    } catch (error) {
      // How commander ends after --help and --version.
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
      await this.host.output.data(this.#help.join(''));
    }
  }

  onCall(command: Command, load: (words: readonly string[]) => Promise<Work>, rule: WordsRule = {}): void {
    command.argument('[words...]').configureHelp({ visibleArguments: () => [] });
    addGlobalOptions(command).action(async (words: string[]) => {
      const name = command.name();
      const options = globalOptionsOf(this.#program, command);
      if (words.length === 0 && !rule.mayBeAlone)
        throw new UsageError('there is no location', { hint: `codexfs ${name} --help tells more` });
      this.status = await execute({ command: name, words, options }, this.host, await load(words));
    });
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

  #addHelp(): void {
    const help = this.#program.command('help').description('Print help for a command.').usage('[COMMAND]');
    help.exitOverride((error) => this.#refuse(error, 'help'));
    help.argument('[command]').action(async (name: string | undefined) => {
      const command = this.#program.commands.find((candidate) => candidate.name() === name) ?? this.#program;
      if (name !== undefined && command === this.#program) {
        throw new UsageError(`there is no command \`${name}\``, { hint: 'codexfs --help lists them' });
      }
      await this.#declare(command);
      command.help();
    });
  }

  /** Turns what commander refuses into an error in the form of this program. */
  #refuse(error: CommanderError, command: string | undefined): never {
    if (error.exitCode === 0) throw error;
    throw usageErrorOf(error, command);
  }
}

const programHelp = `
Locations:
  NAME:PATH           a path on the remote NAME
  :PATH               a path on the default remote
  ws://HOST:PORT/PATH a path on the exec-server there
  local:PATH          a path on this machine, through an exec-server of its own
  PATH                a local path; ./a:b, /a:b and C:\\x are always local
  -                   standard input or output

Examples:
  codexfs cp model.bin ws://127.0.0.1:4500/w/
  codexfs cp --remote box=ws://127.0.0.1:4500 box:logs/today.txt .
  CODEX_EXEC_SERVER_URL=ws://127.0.0.1:4500 codexfs ls -l :
  codexfs cat --range -1000 --remote 'box=exec:ssh box codex exec-server --listen stdio' box:log

The exit status says what went wrong; codexfs(1) lists it.
`;

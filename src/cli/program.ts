// The commander tree: every command with its options and help. What a command does is loaded when it is called.

import { Command, CommanderError, Option } from 'commander';
import { CodexfsError, UsageError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { version } from '../version.js';
import { addPolicyOptions } from './cpPolicies.js';
import { errorLines } from './errorText.js';
import { execute, type Host, type Work } from './execute.js';
import { exitStatus, exitStatusOf } from './exitStatus.js';
import { addGlobalOptions, globalOptionsOf, oneOf } from './globalOptions.js';
import { refuseForeignOptions } from './refusedOptions.js';
import type { ServeCliOptions } from './serveCommand.js';

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

class Tree {
  readonly program: Command;
  /** What the command that ran came to. */
  status: number = exitStatus.ok;
  /** The command whose words are read, and so are wrong if any are; undefined for the program's own. */
  failedCommand: string | undefined;
  readonly #host: Host;
  /** What --help and --version have to say. */
  readonly #help: string[] = [];

  constructor(host: Host) {
    this.#host = host;
    this.program = new Command('codexfs');
    this.program
      .description('Copy files to and from Codex exec-servers: what scp is to ssh servers.')
      .usage('COMMAND [OPTION]… LOCATION…')
      .version(version, '--version', 'print the version')
      .configureOutput({ writeOut: (text) => this.#help.push(text), writeErr: () => {} })
      .configureHelp({ subcommandTerm: (command) => command.name() })
      .helpOption('-h, --help', 'print help')
      .helpCommand('help [COMMAND]', 'Print help for a command.')
      .addHelpText('after', programHelp)
      .exitOverride((error) => this.#refuse(error, undefined))
      .hook('preSubcommand', (_program, command) => {
        this.failedCommand = command.name();
      })
      .enablePositionalOptions();
    addGlobalOptions(this.program);
    this.#addCp();
    this.#addCat();
    this.#addStat();
    this.#addLs();
    this.#addServe();
  }

  /** @throws {CodexfsError} when the words are wrong, or help and version cannot be written */
  async run(words: readonly string[]): Promise<void> {
    try {
      await this.program.parseAsync([...words], { from: 'user' });
    } catch (error) {
      // How commander ends after --help and --version.
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
      await this.#host.output.data(this.#help.join(''));
    }
  }

  #addCp(): void {
    const command = this.#command('cp', 'Copy files and directories.')
      .usage('[OPTION]… SOURCE… DESTINATION')
      .option('-r, --recursive', 'copy directories and what is in them; also -R')
      .addOption(new Option('-R').hideHelp())
      .addOption(oneOf('--links', 'HOW', ['follow', 'skip'], 'symbolic links in directories'))
      .option('-t, --target-directory <DIR>', 'copy all SOURCEs into DIR')
      .option('-T, --no-target-directory', 'treat DESTINATION as a file, never as a directory to copy into')
      .option('--parents', 'keep the directories that are typed before each SOURCE')
      .addOption(countOption('-j, --jobs <N>', `copy up to N files at a time (default ${limits.filesInFlight})`))
      .option('--fail-fast', 'begin nothing after the first failure')
      .addOption(countOption('--max-errors <N>', 'begin nothing after N failures'))
      .addHelpText('after', cpHelp);
    addPolicyOptions(command);
    command.on('option:R', () => command.setOptionValue('recursive', true));
    refuseForeignOptions(command);
    this.#onCall(command, async (words) => {
      const { runCp } = await import('./cpCommand.js');
      return (run) => runCp(words, command.opts(), run);
    });
  }

  #addCat(): void {
    const command = this.#command('cat', 'Write files to standard output.')
      .usage('[OPTION]… LOCATION…')
      .option('--range <RANGE>', 'only these bytes: A-B (both included, from 0), A- or -N (the last N)');
    this.#onCall(command, async (words) => {
      const { runCat } = await import('./catCommand.js');
      return (run) => runCat(words, command.opts(), run);
    });
  }

  #addStat(): void {
    const command = this.#command('stat', 'Tell about paths.')
      .usage('[OPTION]… LOCATION…')
      .option('-f, --format <FORMAT>', 'write by FORMAT: %n name, %s bytes, %y modified, %F type, \\n line end')
      .option('--json', 'write one JSON object a line');
    this.#onCall(command, async (words) => {
      const { runStat } = await import('./statCommand.js');
      return (run) => runStat(words, command.opts(), run);
    });
  }

  #addLs(): void {
    const command = this.#command('ls', 'List directories.')
      .usage('[OPTION]… LOCATION…')
      .option('-l, --long', 'with type, size and time of modification');
    this.#onCall(command, async (words) => {
      const { runLs } = await import('./lsCommand.js');
      return (run) => runLs(words, command.opts(), run);
    });
  }

  #addServe(): void {
    this.program
      .command('serve')
      .description('Serve this machine’s files to codexfs and to other clients of exec-servers.')
      .option('--listen <ADDRESS>', 'ws://IP:PORT (port 0: any free one) or stdio', 'ws://127.0.0.1:0')
      .option('--root <DIR>', 'serve nothing outside of this directory')
      .option('--read-only', 'change nothing')
      .addOption(oneOf('--ws-auth', 'KIND', ['capability-token'], 'what clients must show: capability-token'))
      .option('--ws-token-file <FILE>', 'the token; only its owner may be able to read the file')
      .option('--ws-token-sha256 <HEX>', 'the SHA-256 of the token')
      .option('--allow-host <NAME>', 'a Host that clients may name; repeatable', collect)
      .option('--insecure-no-auth', 'listen beyond loopback without a token')
      .option('--dialects <LIST>', 'the file methods to offer, of handles, blocks and buffered; all by default')
      .exitOverride((error) => this.#refuse(error, 'serve'))
      .action((options: ServeCliOptions) => this.#serve(options));
  }

  async #serve(options: ServeCliOptions): Promise<void> {
    const { output, interruption } = this.#host;
    const { runServe } = await import('./serveCommand.js');
    await runServe(options, {
      stdin: process.stdin,
      stdout: output.stdout,
      stderr: output.stderr,
      stop: interruption.signal,
      abandon: () => interruption.raise('SIGTERM'),
    });
    // A service that is told to stop, and does, has done well.
    if (interruption.received === 'SIGTERM') interruption.fulfil();
  }

  #command(name: string, description: string): Command {
    const command = this.program.command(name).description(description).argument('[words...]');
    command.exitOverride((error) => this.#refuse(error, name));
    return command.configureHelp({ visibleArguments: () => [] });
  }

  #onCall(command: Command, load: (words: readonly string[]) => Promise<Work>): void {
    addGlobalOptions(command).action(async (words: string[]) => {
      const name = command.name();
      const options = globalOptionsOf(this.program, command);
      if (words.length === 0)
        throw new UsageError('there is no location', { hint: `codexfs ${name} --help tells more` });
      this.status = await execute(name, options, this.#host, await load(words));
    });
  }

  /** Turns what commander refuses into an error in the form of this program. */
  #refuse(error: CommanderError, command: string | undefined): never {
    if (error.exitCode === 0) throw error;
    throw usageErrorOf(error, command);
  }
}

/** An option whose value is a number of things, at least 1. */
function countOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string) => {
    const count = Number(value);
    if (/^\d+$/.test(value) && count >= 1 && Number.isSafeInteger(count)) return count;
    throw new UsageError(`${flags.replace(/^-\w, | <.*/g, '')}: \`${value}\` is not a number of 1 or more`);
  });
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Commander tells what was wrong, and what was meant, only by its text: `error: unknown option '--rang'\n(Did you mean --range?)`. */
function usageErrorOf({ code, message }: CommanderError, command: string | undefined): UsageError {
  const help = `codexfs ${command === undefined ? '' : `${command} `}--help`;
  if (code === 'commander.help') return new UsageError('a command is needed', { hint: `${help} lists them` });
  const [problem = '', suggestion = ''] = message.replace(/^error: /, '').split('\n');
  const [, meant] = /^\(Did you mean (.*)\?\)$/.exec(suggestion) ?? [];
  return new UsageError(problem, { hint: meant === undefined ? `${help} tells more` : `did you mean ${meant}?` });
}

const programHelp = `
Locations:
  NAME:PATH           a path on the remote NAME
  :PATH               a path on the only remote
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

const cpHelp = `
Examples:
  codexfs cp a.txt b.txt box:inbox/     upload into a directory, made if missing
  codexfs cp box:a.txt .                download
  codexfs cp -r box:logs .              a directory with all that is in it
  codexfs cp one:a.txt two:a.txt        from one server to another
  tar c dir | codexfs cp - box:dir.tar  upload what a program writes
`;

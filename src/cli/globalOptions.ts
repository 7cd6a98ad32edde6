// The options that every command takes, before or behind its name.

import { type Command, Option } from 'commander';
import { limits } from '../protocol/limits.js';
import type { ColorMode } from './Output.js';
import { collect, countOption, oneOf } from './options.js';
import { parseDuration } from './quantities.js';

export type ProgressMode = 'auto' | 'bar' | 'plain' | 'json' | 'none';

export interface GlobalOptions {
  /** Values of `--remote`, in order. */
  readonly remote: readonly string[];
  readonly tokenFile: string | undefined;
  readonly insecureToken: boolean;
  /** False, by --no-exec: no program may be run on a server. */
  readonly exec: boolean;
  /** Milliseconds without an answer. */
  readonly timeout: number | undefined;
  /** How often a lost connection, and a file whose connection was lost, is tried again; undefined where nobody said. */
  readonly retries: number | undefined;
  /** Milliseconds to connect. */
  readonly connectTimeout: number | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: ColorMode;
  readonly progress: ProgressMode;
  /** Whether stdout gets records; only commands that know `--json` have it. */
  readonly json: boolean;
  /** The file that gets the same records. */
  readonly report: string | undefined;
  /** Whether patterns in remote paths are expanded. */
  readonly glob: boolean;
}

/** What of GlobalOptions a command line said; the rest is absent. */
type GivenOptions = Partial<GlobalOptions>;

/** Declares the global options on `command`. The program and each command have their own, so that both places work. */
export function addGlobalOptions(command: Command): Command {
  for (const option of globalOptions()) command.addOption(option.helpGroup('Global options:'));
  return command;
}

/** What was said before and behind the command's name; behind wins, and every `--remote` counts. */
export function globalOptionsOf(program: Command, command: Command): GlobalOptions {
  const before: GivenOptions = program.opts();
  const behind: GivenOptions = command.opts();
  const given = { ...before, ...behind };
  return {
    remote: [...(before.remote ?? []), ...(behind.remote ?? [])],
    tokenFile: given.tokenFile,
    insecureToken: given.insecureToken ?? false,
    exec: (before.exec ?? true) && (behind.exec ?? true),
    timeout: given.timeout,
    retries: given.retries,
    connectTimeout: given.connectTimeout,
    quiet: given.quiet ?? false,
    verbose: given.verbose ?? false,
    color: given.color ?? 'auto',
    progress: given.progress ?? 'auto',
    json: given.json ?? false,
    report: given.report,
    // Commander gives it a value in either place.
    glob: before.glob !== false && behind.glob !== false,
  };
}

function globalOptions(): Option[] {
  return [
    new Option(
      '--remote <NAME=WHERE>',
      'define a remote: NAME=ws://HOST:PORT or NAME="exec:PROGRAM ARGS…", with app+ before an app-server; repeatable',
    ).argParser(collect),
    new Option('--token-file <FILE>', 'send the bearer token that is in FILE'),
    new Option('--insecure-token', 'send the token also over an unencrypted connection to another host'),
    new Option(
      '--no-exec',
      'run no programs on servers: no hashes, modes and times there, no large files to old ones, slower trees',
    ),
    new Option('--timeout <DURATION>', 'give up when a server answers nothing for so long (default 60s)').argParser(
      (value) => parseDuration(value, '--timeout'),
    ),
    new Option('--connect-timeout <DURATION>', 'give up connecting after so long (default 10s)').argParser((value) =>
      parseDuration(value, '--connect-timeout'),
    ),
    new Option('--no-glob', 'take *, ?, [ and { in remote paths as they are'),
    countOption('--retries <N>', `try again up to N times after a lost connection (default ${limits.retries})`, {
      least: 0,
    }),
    new Option('-q, --quiet', 'say nothing but errors'),
    new Option('-v, --verbose', 'say what is done, and the causes of errors'),
    oneOf('--color', 'WHEN', ['auto', 'always', 'never'], 'colour messages'),
    oneOf('--progress', 'HOW', ['auto', 'bar', 'plain', 'json', 'none'], 'how progress is shown on stderr'),
  ];
}

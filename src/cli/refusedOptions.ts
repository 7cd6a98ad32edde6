// Options of cp, scp and rsync that codexfs has not: each is refused with what to do instead, not taken for another thing.

import type { Command } from 'commander';
import { Option } from 'commander';
import { UsageError } from '../errors.js';

/** Why there is no such option, and the way out. */
type Refusal = readonly [reason: string, hint: string];

const refusals: Readonly<Record<string, Refusal>> = {
  '-P': ['the port is part of the location', 'write ws://HOST:PORT/PATH, or --remote NAME=ws://HOST:PORT'],
  '-l': ['hard links (cp) are not made, and a rate (scp) is limited by another option', 'write --bwlimit RATE'],
  '-C': ['compression is left to what carries the connection', 'leave it out; a tunnel such as `ssh -C` compresses'],
  '-z': ['compression is left to what carries the connection', 'leave it out; a tunnel such as `ssh -C` compresses'],
  '-e': ['there is no remote shell underneath', "--remote NAME='exec:ssh HOST codex exec-server --listen stdio'"],
  '-f': ['destinations are overwritten unless an option says otherwise', 'leave it out'],
  '-L': ['symbolic links are followed already', 'leave it out; --links=skip passes them over'],
  '-n': ['it would be --dry-run for rsync and --no-clobber for cp', 'write --dry-run'],
  '--delete': ['only sync removes what the source has not', 'codexfs sync --delete SOURCE DIRECTORY'],
  '-o': ['there is no ssh underneath', 'see --remote, --token-file, --timeout and --connect-timeout'],
};

/** What rsync means by letters that sync has not. */
const rsyncRefusals: Readonly<Record<string, Refusal>> = {
  '-P': ['progress is shown on a terminal, and what is partial is kept', 'leave it out'],
  '--partial': ['what is partial is kept', 'leave it out'],
  '-u': ['what differs is copied, newer or not', 'codexfs cp -ru SOURCE/. DIRECTORY copies what is newer'],
};

/** Makes `command` refuse the options of other tools that it has not by now. They stay out of the help. */
export function refuseForeignOptions(command: Command): Command {
  for (const [flag, [reason, hint]] of Object.entries(refusalsOf(command))) {
    if (command.options.some(({ short, long }) => short === flag || long === flag)) continue;
    const option = new Option(flag).hideHelp();
    command.addOption(option);
    command.on(`option:${option.name()}`, () => {
      throw new UsageError(`${flag}: ${reason}`, { hint });
    });
  }
  return command;
}

function refusalsOf(command: Command): Readonly<Record<string, Refusal>> {
  return command.name() === 'sync' ? { ...refusals, ...rsyncRefusals } : refusals;
}

// Letters that cp, scp and rsync use and codexfs does not: each is refused with what to do instead, not taken for another thing.

import type { Command } from 'commander';
import { Option } from 'commander';
import { UsageError } from '../errors.js';

/** Why there is no such option, and the way out. */
type Refusal = readonly [reason: string, hint: string];

const refusals: Readonly<Record<string, Refusal>> = {
  '-P': ['the port is part of the location', 'write ws://HOST:PORT/PATH, or --remote NAME=ws://HOST:PORT'],
  '-l': ['neither links (cp) nor a limited rate (scp) are known', 'leave it out'],
  '-C': ['compression is left to what carries the connection', 'leave it out; a tunnel such as `ssh -C` compresses'],
  '-z': ['compression is left to what carries the connection', 'leave it out; a tunnel such as `ssh -C` compresses'],
  '-o': ['there is no ssh underneath', 'see --remote, --token-file, --timeout and --connect-timeout'],
};

/** Makes `command` refuse the letters of other tools. They stay out of the help. */
export function refuseForeignOptions(command: Command): Command {
  for (const [flag, [reason, hint]] of Object.entries(refusals)) {
    const option = new Option(flag).hideHelp();
    command.addOption(option);
    command.on(`option:${option.name()}`, () => {
      throw new UsageError(`${flag}: ${reason}`, { hint });
    });
  }
  return command;
}

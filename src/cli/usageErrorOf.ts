// What commander refuses, as an error in the form of this program.

import type { CommanderError } from 'commander';
import { UsageError } from '../errors.js';

const notHere = 'options of a command stand behind its name';
const copies = 'codexfs cp SOURCE… DESTINATION copies both ways';

/** What other programs call their commands, and how the same is done here. */
const foreignCommands: Readonly<Record<string, string>> = {
  get: copies,
  put: copies,
  download: copies,
  upload: copies,
  pull: copies,
  push: copies,
  mv: 'servers cannot rename: codexfs cp copies, and codexfs rm removes',
  head: 'codexfs cat --range 0-999 LOCATION writes the first 1000 bytes',
  tail: 'codexfs cat --range -1000 LOCATION writes the last 1000 bytes',
  version: 'codexfs --version',
};

/** Commander tells what was wrong, and what was meant, only by its text: `error: unknown option '--rang'\n(Did you mean --range?)`. */
export function usageErrorOf({ code, message }: CommanderError, command: string | undefined): UsageError {
  const help = `codexfs ${command === undefined ? '' : `${command} `}--help`;
  if (code === 'commander.help') return new UsageError('a command is needed', { hint: `${help} lists them` });
  const [problem = '', suggestion = ''] = message.replace(/^error: /, '').split('\n');
  const [, meant] = /^\(Did you mean (.*)\?\)$/.exec(suggestion) ?? [];
  const instead = code === 'commander.unknownCommand' ? insteadOf(problem) : undefined;
  const more =
    code === 'commander.unknownOption' && command === undefined
      ? `${notHere}; ${help} tells more`
      : `${help} tells more`;
  return new UsageError(problem, { hint: instead ?? (meant === undefined ? more : `did you mean ${meant}?`) });
}

function insteadOf(problem: string): string | undefined {
  const [, word = ''] = /^unknown command '(.*)'$/.exec(problem) ?? [];
  return /[:/]/.test(word) ? copies : foreignCommands[word];
}

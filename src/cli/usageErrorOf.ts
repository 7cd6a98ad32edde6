// What commander refuses, as an error in the form of this program.

import type { CommanderError } from 'commander';
import { UsageError } from '../errors.js';

/** Commander tells what was wrong, and what was meant, only by its text: `error: unknown option '--rang'\n(Did you mean --range?)`. */
export function usageErrorOf({ code, message }: CommanderError, command: string | undefined): UsageError {
  const help = `codexfs ${command === undefined ? '' : `${command} `}--help`;
  if (code === 'commander.help') return new UsageError('a command is needed', { hint: `${help} lists them` });
  const [problem = '', suggestion = ''] = message.replace(/^error: /, '').split('\n');
  const [, meant] = /^\(Did you mean (.*)\?\)$/.exec(suggestion) ?? [];
  return new UsageError(problem, { hint: meant === undefined ? `${help} tells more` : `did you mean ${meant}?` });
}

// --exclude, --include and --exclude-from: one list of patterns, whose order is that of the words.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import type { Selection } from '../transfer/Selection.js';

type FilterKind = 'exclude' | 'include' | 'excludeFrom';

export interface FilterOptions {
  /** In the order in which they were given. */
  readonly filters?: readonly { readonly kind: FilterKind; readonly value: string }[];
}

/** Declares them on `command`. */
export function addFilterOptions(command: Command): Command {
  command
    .option('--exclude <GLOB>', 'leave out what matches, as a line of a .gitignore; repeatable')
    .option('--include <GLOB>', 'take back an --exclude before it; repeatable')
    .option('--exclude-from <FILE>', 'the same as --exclude with each line of FILE');
  const note = (kind: FilterKind) => (value: string) => {
    const { filters = [] } = command.opts<FilterOptions>();
    command.setOptionValue('filters', [...filters, { kind, value }]);
  };
  command.on('option:exclude', note('exclude'));
  command.on('option:include', note('include'));
  command.on('option:exclude-from', note('excludeFrom'));
  return command;
}

/** What the options leave; undefined for everything. @throws {UsageError} for a pattern that can do nothing, or a file that cannot be read */
export async function readSelection({ filters = [] }: FilterOptions): Promise<Selection | undefined> {
  if (filters.length === 0) return undefined;
  const [first] = filters;
  if (first?.kind === 'include') {
    throw new UsageError(`--include ${first.value}: there is no --exclude before it to take back`, {
      hint: "everything is copied unless it is excluded: --exclude '*' --include '*/' --include '*.txt'",
    });
  }
  const patterns = await Promise.all(filters.map(patternsOf));
  const { Selection } = await import('../transfer/Selection.js');
  return Selection.of(patterns.flat());
}

async function patternsOf({ kind, value }: { readonly kind: FilterKind; readonly value: string }): Promise<string[]> {
  if (kind === 'excludeFrom') return (await readOptionFile(value, '--exclude-from')).split(/\r?\n/);
  if (value.trim() === '' || value.includes('\n')) throw new UsageError(`--${kind}: \`${value}\` is no pattern`);
  // A comment is for files; on the command line it is a name.
  const pattern = value.startsWith('#') ? `\\${value}` : value;
  return [kind === 'include' ? `!${pattern}` : pattern];
}

/** The text of the file that `option` names. @throws {UsageError} when it cannot be read */
export async function readOptionFile(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const cause = fileErrorFrom(error, 'read', file);
    throw new UsageError(`cannot read ${option} ${file}: ${cause.message}`, { cause });
  }
}

// The words behind `codexfs cp`: which are sources, which is the destination, and whether together they make sense. No file is
// touched here.

import { UsageError } from '../../errors.js';
import type { Location } from '../../remotes/Location.js';
import type { Registry } from '../../remotes/registry.js';
import type { Selection } from '../../transfer/Selection.js';
import type { WantedRange } from '../../transfer/Source.js';
import type { FilterOptions } from '../filterOptions.js';
import { type Operand, parseLocations } from '../operands.js';
import { parseRange } from '../parseRange.js';

export interface CpOptions extends FilterOptions {
  readonly recursive?: boolean;
  readonly links?: 'follow' | 'skip';
  /** --parents: sources keep the directories that were typed with them. */
  readonly parents?: boolean;
  readonly jobs?: number;
  readonly maxErrors?: number;
  readonly failFast?: boolean;
  /** --files-from: lists what of the one source is copied. */
  readonly filesFrom?: string;
  /** -0: the list is separated by NUL. */
  readonly null?: boolean;
  /** `A-B`, `A-` or `-N`. */
  readonly range?: string;
  readonly dryRun?: boolean;
  /** -t: the directory that receives all operands. False, by -T: the destination is never taken as a directory. */
  readonly targetDirectory?: string | false;
}

export interface CpOperands {
  readonly sources: readonly Operand[];
  readonly destination: Operand;
  /** Whether the destination is a directory: it must be, it must not be, or what is there decides. */
  readonly directory: 'always' | 'never' | 'ifThere';
  readonly isRecursive: boolean;
  readonly links: 'follow' | 'skip';
  readonly keepsParents: boolean;
  /** What is copied of directories, and of operands; everything unless given. */
  readonly selection: Selection | undefined;
  /** What is copied of a file; all of it unless given. */
  readonly range: WantedRange | undefined;
  /** Whether nothing is done, only told. */
  readonly isDryRun: boolean;
  /** Whether there are as many items as sources; else they are counted when they are found. */
  readonly isCounted: boolean;
  /** Files in flight at most; undefined: by their kind. */
  readonly jobs: number | undefined;
  /** The failure after which nothing more is begun. */
  readonly maxErrors: number;
}

/** @throws {UsageError} unless the words ask for something that codexfs cp does */
export function parseCpOperands(words: readonly string[], options: CpOptions, registry: Registry): CpOperands {
  const { sourceWords, destinationWord } = splitOperands(words, options);
  const sources = parseLocations(sourceWords, registry);
  const [destination] = parseLocations([destinationWord], registry);
  if (destination === undefined) throw missingDestination(sourceWords);
  for (const source of sources) refuseWithoutRemote(source, destination);
  refuseStreams(sources, destination);
  const isRecursive = options.recursive === true;
  refuseListing(sources, options);
  return {
    sources,
    destination,
    directory: directoryRule(sources, options),
    isRecursive,
    links: options.links ?? 'follow',
    keepsParents: options.parents === true,
    selection: undefined,
    range: parseCpRange(sources, destination, options),
    isDryRun: options.dryRun === true,
    isCounted: !isRecursive,
    jobs: options.jobs,
    maxErrors: options.failFast ? 1 : (options.maxErrors ?? Number.POSITIVE_INFINITY),
  };
}

function splitOperands(words: readonly string[], options: CpOptions) {
  const { targetDirectory } = options;
  const [firstWord] = words;
  if (firstWord === undefined) throw new UsageError('there is no source', { hint: 'codexfs cp SOURCE… DESTINATION' });
  if (typeof targetDirectory === 'string') return { sourceWords: words, destinationWord: targetDirectory };
  const destinationWord = words.at(-1);
  if (words.length === 1 || destinationWord === undefined) throw missingDestination(words);
  return { sourceWords: words.slice(0, -1), destinationWord };
}

/** Whether the destination is a directory that receives `sources`. @throws {UsageError} when it cannot be what is asked for */
export function directoryRule(
  sources: readonly Location[],
  { targetDirectory, parents, filesFrom }: CpOptions,
): CpOperands['directory'] {
  if (targetDirectory === false && sources.length > 1)
    throw new UsageError('-T copies one source, and there are several');
  if (targetDirectory === false && filesFrom !== undefined)
    throw new UsageError('-T names the copy, and --files-from its directory');
  if (targetDirectory === false && parents) throw new UsageError('-T names the copy, and --parents its directory');
  if (targetDirectory === false) return 'never';
  const isIntoDirectory = parents === true || targetDirectory !== undefined || filesFrom !== undefined;
  return sources.length > 1 || isIntoDirectory ? 'always' : 'ifThere';
}

function refuseListing(sources: readonly Location[], { filesFrom, null: isNulSeparated, parents }: CpOptions): void {
  if (filesFrom === undefined) {
    if (isNulSeparated) throw new UsageError('-0 is about --files-from, which is not given');
    return;
  }
  if (sources.length > 1 || sources[0]?.kind === 'stream') {
    throw new UsageError('--files-from lists what is in one directory, the only source');
  }
  if (parents)
    throw new UsageError('--files-from keeps the directories that it lists, and --parents those that are typed');
}

/** @throws {UsageError} unless one file is copied */
function parseCpRange(
  sources: readonly Location[],
  destination: Location,
  { range, recursive, filesFrom }: CpOptions,
): WantedRange | undefined {
  if (range === undefined) return undefined;
  const isStream = [...sources, destination].some(({ kind }) => kind === 'stream');
  if (recursive || filesFrom !== undefined || sources.length > 1 || isStream) {
    throw new UsageError('--range is about one file', { hint: 'codexfs cat --range writes to the standard output' });
  }
  return parseRange(range);
}

function missingDestination(words: readonly string[]): UsageError {
  return new UsageError(`there is no destination behind \`${words.join(' ')}\``, {
    hint: 'codexfs cp SOURCE… DESTINATION',
  });
}

/** @throws {UsageError} unless one of the two ends is on a remote */
export function refuseWithoutRemote(source: Location, destination: Location): void {
  const isRemote = ({ kind }: Location) => kind === 'remote' || kind === 'url';
  if (isRemote(source) || isRemote(destination)) return;
  const words = `\`${source.word}\` and \`${destination.word}\``;
  const hint =
    [source, destination].map(notRemote).find((reason) => reason !== undefined) ?? 'plain `cp` or `rsync` does that';
  throw new UsageError(`${words} are both on this machine`, {
    hint: `${hint}; a location on a remote is NAME:PATH or ws://HOST:PORT/PATH`,
  });
}

/** Why a local path that looks as if it were on a remote is not; undefined for any other. */
function notRemote({ kind, word }: Location): string | undefined {
  const [, name] = /^([^/\\:]+):/.exec(word) ?? [];
  if (kind !== 'local' || name === undefined || /^[A-Za-z]:[\\/]/.test(word)) return undefined;
  if (name.includes('@')) return `\`${word}\` names a user, and a remote has none`;
  return `\`${name}\` is no name of a remote, which is two letters, digits, _ or - at least`;
}

/** @throws {UsageError} when streams are to do what they cannot */
export function refuseStreams(sources: readonly Location[], destination: Location): void {
  if (destination.kind === 'stream' && sources.length > 1) {
    throw new UsageError('several sources have no place in one standard output', { hint: 'use codexfs cat' });
  }
  if (sources.filter(({ kind }) => kind === 'stream').length > 1) throw new UsageError('- can be read only once');
}

// The words behind `codexfs cp`: which are sources, which is the destination, and whether together they make sense. No file is
// touched here but to see whether a local path exists.

import { lstatSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import type { Location } from '../../remotes/Location.js';
import type { Registry } from '../../remotes/registry.js';
import { expandLocations, type Operand, parseLocations } from '../operands.js';
import type { Run } from '../Run.js';

export interface CpOptions {
  readonly recursive?: boolean;
  readonly links?: 'follow' | 'skip';
  /** --parents: sources keep the directories that were typed with them. */
  readonly parents?: boolean;
  readonly jobs?: number;
  readonly maxErrors?: number;
  readonly failFast?: boolean;
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
  refuseRemoteNameAsPath(destination, registry);
  for (const source of sources) refuseWithoutRemote(source, destination);
  refuseStreams(sources, destination);
  const isRecursive = options.recursive === true;
  return {
    sources,
    destination,
    directory: directoryRule(sources, options),
    isRecursive,
    links: options.links ?? 'follow',
    keepsParents: options.parents === true,
    isCounted: !isRecursive,
    jobs: options.jobs,
    maxErrors: options.failFast ? 1 : (options.maxErrors ?? Number.POSITIVE_INFINITY),
  };
}

/**
 * `operands` with the patterns in them expanded. A pattern as destination must stand for one path; one that matches nothing is a
 * name, as in a shell.
 * @throws {UsageError} when there is no place for all that a pattern stands for
 */
export async function expandOperands(operands: CpOperands, options: CpOptions, run: Run): Promise<CpOperands> {
  const expand = async (operand: Operand) => (operand.kind === 'stream' ? [operand] : expandLocations([operand], run));
  const [[destination, other], ...matches] = await Promise.all([
    expand(operands.destination),
    ...operands.sources.map(expand),
  ]);
  if (other !== undefined) {
    throw new UsageError(`\`${operands.destination.word}\` stands for more than one destination`, {
      hint: '--no-glob takes it as a name',
    });
  }
  const sources = matches.flat();
  const isMatched = destination !== undefined && destination.failure === undefined;
  const expanded = { ...operands, sources, destination: isMatched ? destination : operands.destination };
  refuseStreams(sources, expanded.destination);
  return { ...expanded, directory: directoryRule(sources, options) };
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

function directoryRule(sources: readonly Location[], { targetDirectory, parents }: CpOptions): CpOperands['directory'] {
  if (targetDirectory === false && sources.length > 1)
    throw new UsageError('-T copies one source, and there are several');
  if (targetDirectory === false && parents) throw new UsageError('-T names the copy, and --parents its directory');
  if (targetDirectory === false) return 'never';
  return sources.length > 1 || parents === true || targetDirectory !== undefined ? 'always' : 'ifThere';
}

function missingDestination(words: readonly string[]): UsageError {
  return new UsageError(`there is no destination behind \`${words.join(' ')}\``, {
    hint: 'codexfs cp SOURCE… DESTINATION',
  });
}

/** `cp a devbox` would otherwise make a local file of that name, or a usage error that does not see what was meant. */
function refuseRemoteNameAsPath(destination: Location, registry: Registry): void {
  if (destination.kind !== 'local' || !registry.has(destination.path)) return;
  if (lstatSync(destination.path, { throwIfNoEntry: false }) !== undefined) return;
  const { word } = destination;
  throw new UsageError(`\`${word}\` is a remote, and a path on it needs a colon`, {
    hint: `did you mean \`${word}:\`? for a local file of that name write ./${word}`,
  });
}

function refuseWithoutRemote(source: Location, destination: Location): void {
  const isRemote = ({ kind }: Location) => kind === 'remote' || kind === 'url';
  if (isRemote(source) || isRemote(destination)) return;
  const words = `\`${source.word}\` and \`${destination.word}\``;
  throw new UsageError(`${words} are both on this machine`, {
    hint: 'use cp for that; a location on a remote is NAME:PATH or ws://HOST:PORT/PATH',
  });
}

function refuseStreams(sources: readonly Location[], destination: Location): void {
  if (destination.kind === 'stream' && sources.length > 1) {
    throw new UsageError('several sources have no place in one standard output', { hint: 'use codexfs cat' });
  }
  if (sources.filter(({ kind }) => kind === 'stream').length > 1) throw new UsageError('- can be read only once');
}

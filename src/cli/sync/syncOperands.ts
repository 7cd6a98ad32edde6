// The words behind `codexfs sync`: one source directory, one destination directory.

import { UsageError } from '../../errors.js';
import { type CpOperands, type CpOptions, refuseWithoutRemote } from '../cp/cpOperands.js';
import type { CpPolicyOptions } from '../cp/cpPolicies.js';
import { readSelection } from '../filterOptions.js';
import { asFileLocation, expandLocations, type FileLocation, parseLocations } from '../operands.js';
import type { Run } from '../Run.js';

export interface SyncOptions
  extends Pick<CpOptions, 'links' | 'jobs' | 'maxErrors' | 'failFast' | 'dryRun' | 'filters'>,
    Pick<
      CpPolicyOptions,
      'checksum' | 'verify' | 'atomic' | 'preserve' | 'preserveValue' | 'bwlimit' | 'window' | 'chunk'
    > {
  /** Removes what the source has not, at the end. */
  readonly delete?: boolean;
}

/** Two directories, as the operands of the copy of their contents. */
export interface SyncOperands extends CpOperands {
  readonly sources: readonly [FileLocation];
  readonly destination: FileLocation;
}

/** @throws {UsageError} unless the words are two places, one of them on a remote */
export async function parseSyncOperands(
  words: readonly string[],
  options: SyncOptions,
  run: Run,
): Promise<SyncOperands> {
  if (words.length !== 2) throw new UsageError('sync takes two directories', { hint: 'codexfs sync SOURCE DIRECTORY' });
  const locations = parseLocations(words, run.registry).map((location) => asFileLocation(location, 'sync'));
  const expanded = await Promise.all(locations.map((location) => expandOne(location, run)));
  const [source, destination] = expanded;
  if (source === undefined || destination === undefined) throw new Error('two words are not two locations');
  refuseWithoutRemote(source, destination);
  return {
    sources: [source],
    destination,
    directory: 'never',
    isRecursive: true,
    links: options.links ?? 'follow',
    keepsParents: false,
    selection: await readSelection(options),
    range: undefined,
    isDryRun: options.dryRun === true,
    isCounted: false,
    jobs: options.jobs,
    maxErrors: options.failFast ? 1 : (options.maxErrors ?? Number.POSITIVE_INFINITY),
  };
}

async function expandOne(location: FileLocation, run: Run): Promise<FileLocation> {
  const [match, other] = await expandLocations([location], run);
  if (match === undefined || other !== undefined) {
    throw new UsageError(`\`${location.word}\` stands for more than one directory`, {
      hint: '--no-glob takes it as a name',
    });
  }
  return match;
}

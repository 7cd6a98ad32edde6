// The operands of cp as they stand for files: patterns expanded, lists read, filters made.

import { UsageError } from '../../errors.js';
import { readSelection } from '../filterOptions.js';
import { asFileLocation, expandLocations, type Operand } from '../operands.js';
import type { Run } from '../Run.js';
import { type CpOperands, type CpOptions, directoryRule, refuseStreams } from './cpOperands.js';
import { listedSources } from './listedSources.js';

/**
 * `operands` with what the options select. A pattern as destination must stand for one path; one that matches nothing is a name,
 * as in a shell.
 * @throws {UsageError} when there is no place for all that a pattern stands for, or a file of the options cannot be read
 */
export async function selectOperands(operands: CpOperands, options: CpOptions, run: Run): Promise<CpOperands> {
  const selection = await readSelection(options);
  const [sources, destination] = await Promise.all([
    selectSources(operands.sources, options, run),
    selectDestination(operands.destination, options, run),
  ]);
  refuseStreams(sources, destination);
  return { ...operands, selection, sources, destination, directory: directoryRule(sources, options) };
}

async function selectSources(sources: readonly Operand[], options: CpOptions, run: Run): Promise<readonly Operand[]> {
  const { filesFrom, null: isNulSeparated = false } = options;
  const expanded = (await Promise.all(sources.map((source) => expandOperand(source, run)))).flat();
  const [root] = expanded;
  if (filesFrom === undefined || root === undefined) return expanded;
  if (expanded.length > 1) throw new UsageError('--files-from lists what is in one directory, the only source');
  return listedSources(asFileLocation(root, 'cp --files-from'), filesFrom, isNulSeparated);
}

/** What is listed goes into a directory, which is made if it is missing: as if its path ended in a separator. */
async function selectDestination(destination: Operand, { filesFrom }: CpOptions, run: Run): Promise<Operand> {
  const expanded = await expandDestination(destination, run);
  if (filesFrom === undefined || expanded.kind === 'stream') return expanded;
  return { ...expanded, path: `${expanded.path || '.'}/` };
}

async function expandDestination(destination: Operand, run: Run): Promise<Operand> {
  const [match, other] = await expandOperand(destination, run);
  if (other !== undefined) {
    throw new UsageError(`\`${destination.word}\` stands for more than one destination`, {
      hint: '--no-glob takes it as a name',
    });
  }
  return match === undefined || match.failure !== undefined ? destination : match;
}

async function expandOperand(operand: Operand, run: Run): Promise<Operand[]> {
  return operand.kind === 'stream' ? [operand] : expandLocations([operand], run);
}

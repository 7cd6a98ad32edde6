// codexfs stat: facts about paths, as text, by a format, or as one JSON object a line.

import { UsageError } from '../../errors.js';
import {
  asFileLocation,
  connectAhead,
  endpointOf,
  expandLocations,
  type FileLocation,
  parseLocations,
} from '../operands.js';
import type { Run } from '../Run.js';
import { statRecord } from './statRecord.js';
import { factsText, parseFormat, type StatWriter } from './statText.js';

export interface StatOptions {
  readonly format?: string;
}

/** Tells about the paths that `words` name. @throws {UsageError} before anything was attempted */
export async function runStat(words: readonly string[], options: StatOptions, run: Run): Promise<void> {
  if (run.options.json && options.format !== undefined) throw new UsageError('-f and --json exclude each other');
  const named = parseLocations(words, run.registry).map((location) => asFileLocation(location, 'stat'));
  const isTerminal = run.output.stdout.isTTY === true;
  const write = options.format === undefined ? factsText(isTerminal) : parseFormat(options.format, isTerminal);
  connectAhead(named, run);
  const locations = await expandLocations(named, run);
  for (const location of locations) await tell(location, write, run);
}

async function tell(location: FileLocation, write: StatWriter, run: Run): Promise<void> {
  try {
    const { fileSystem, path, shown } = await endpointOf(location, run);
    const info = await fileSystem.stat(path, { signal: run.signal });
    await run.record(statRecord(shown, info));
    if (!run.options.json) await run.output.data(write(shown, info));
    run.done();
  } catch (error) {
    run.failed(error, location.word);
  }
}

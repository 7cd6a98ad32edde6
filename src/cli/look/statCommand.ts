// codexfs stat: facts about paths, as text, by a format, or as one JSON object a line.

import { asError, hasCode, UsageError } from '../../errors.js';
import { errorRecord, statRecord, summaryRecord } from '../jsonRecords.js';
import {
  asFileLocation,
  connectAhead,
  endpointOf,
  expandLocations,
  type FileLocation,
  parseLocations,
} from '../operands.js';
import type { Run } from '../Run.js';
import { factsText, parseFormat, type StatWriter } from './statText.js';

export interface StatOptions {
  readonly format?: string;
  readonly json?: boolean;
}

/** Tells about the paths that `words` name. @throws {UsageError} before anything was attempted */
export async function runStat(words: readonly string[], options: StatOptions, run: Run): Promise<void> {
  if (options.json && options.format !== undefined) throw new UsageError('-f and --json exclude each other');
  const named = parseLocations(words, run.registry).map((location) => asFileLocation(location, 'stat'));
  const isTerminal = run.output.stdout.isTTY === true;
  const write = options.format === undefined ? factsText(isTerminal) : parseFormat(options.format, isTerminal);
  connectAhead(named, run);
  const locations = await expandLocations(named, run);
  if (options.json) return tellAsJson(locations, run);
  for (const location of locations) await tell(location, write, run);
}

async function tell(location: FileLocation, write: StatWriter, run: Run): Promise<unknown> {
  try {
    const { fileSystem, path, shown } = await endpointOf(location, run);
    const info = await fileSystem.stat(path, { signal: run.signal });
    await run.output.data(write(shown, info));
    return run.done();
  } catch (error) {
    return run.failed(error, location.word);
  }
}

/** Every location gives one record, and the last record is the summary, whatever happened. */
async function tellAsJson(locations: readonly FileLocation[], run: Run): Promise<void> {
  try {
    for (const location of locations) {
      const failure = await tell(location, statRecord, run);
      if (failure !== undefined) await run.output.data(errorRecord(location.word, asError(failure)));
    }
  } catch (error) {
    await run.output.data(summaryRecord(run, hasCode(error, 'cancelled')));
    throw error;
  }
  await run.output.data(summaryRecord(run, false));
}

// Where the records of a run go, by its options. What writes them is loaded only when somebody wants them.

import type { CodexfsError } from '../../errors.js';
import type { GlobalOptions } from '../globalOptions.js';
import type { Output } from '../Output.js';
import { Records } from './Records.js';

/**
 * The records that `options` ask for; `onFailure` hears when a file cannot be written to any more.
 * @throws {UsageError} when there cannot be such a file
 */
export async function recordsOf(
  { json, report }: GlobalOptions,
  output: Output,
  onFailure: (error: CodexfsError) => void,
): Promise<Records> {
  if (!json && report === undefined) return new Records([]);
  const { FileSink, OutputSink } = await import('./RecordSink.js');
  const sinks = [];
  if (json) sinks.push(new OutputSink(output));
  if (report !== undefined) sinks.push(new FileSink(report, onFailure));
  return new Records(sinks);
}

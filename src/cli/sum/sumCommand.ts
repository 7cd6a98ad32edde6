// codexfs sum: the SHA-256 of files, in the form of sha256sum(1), so that each can check what the other has written.

import { type CodexfsError, FileError, UsageError } from '../../errors.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { HashesInFlight, hashAll } from '../../transfer/hashAll.js';
import { walkTree } from '../../transfer/walk.js';
import { existingLocations } from '../eachOperand.js';
import { inBatches } from '../inBatches.js';
import { LineWriter } from '../LineWriter.js';
import { locationBelow } from '../locationBelow.js';
import { endpointOf, type FileLocation } from '../operands.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import type { CheckOptions } from './checkSums.js';
import { sumLine } from './sumLine.js';

export interface SumOptions extends CheckOptions {
  /** Directories too: the files in them. */
  readonly recursive?: boolean;
  /** The list to check. */
  readonly check?: string;
  readonly zero?: boolean;
}

/** Writes or checks sums. @throws {UsageError} before anything was attempted */
export async function runSum(words: readonly string[], options: SumOptions, run: Run): Promise<void> {
  if (options.check !== undefined) {
    const { checkSums } = await import('./checkSums.js');
    return checkSums(options.check, words, options, run);
  }
  if (words.length === 0) throw new UsageError('an operand is missing', { hint: 'codexfs sum --help tells more' });
  const lines = new LineWriter(run.output);
  const inFlight = new HashesInFlight();
  for await (const files of inBatches(filesOf(await existingLocations(words, run), options, run))) {
    const hashes = await hashAll(files, { signal: run.signal }, inFlight);
    for (const [index, { shown }] of files.entries()) await tell(hashes[index], shown, options, lines, run);
    await lines.flush();
  }
}

async function tell(
  hash: string | CodexfsError | undefined,
  name: string,
  { zero }: SumOptions,
  lines: LineWriter,
  run: Run,
): Promise<void> {
  if (typeof hash !== 'string') return void run.failed(hash, name);
  if (run.options.json) await run.record({ type: 'sum', location: name, sha256: hash });
  else if (zero) await lines.write(`${hash}  ${name}\0`);
  else await lines.write(`${shownLine(sumLine(hash, name), run)}\n`);
  run.done();
}

/** Off a terminal a line is data and stays as it is. */
function shownLine(line: string, { output }: Run): string {
  return output.stdout.isTTY === true ? show(line) : line;
}

/** The files that `locations` name, called as they would be typed. What cannot be looked at is told. */
async function* filesOf(
  locations: readonly FileLocation[],
  options: SumOptions,
  run: Run,
): AsyncGenerator<Endpoint, void, void> {
  for (const location of locations) {
    try {
      const at = await endpointOf(location, run);
      if (!options.recursive) yield at;
      else yield* filesAt(at, location, run);
    } catch (error) {
      run.failed(error, location.word);
    }
  }
}

/** Links are followed, as by a copy: so that a tree and its copy have the same sums. */
async function* filesAt(at: Endpoint, location: FileLocation, run: Run): AsyncGenerator<Endpoint, void, void> {
  const { signal } = run;
  const { kind } = await at.fileSystem.stat(at.path, { signal });
  if (kind !== 'directory') return yield at;
  for await (const item of walkTree(at.fileSystem, at.path, { signal, links: 'follow' })) {
    const shown = locationBelow(location, item.names);
    if (item.type === 'problem') run.failed(item.error, shown);
    else if (item.type === 'skipped')
      run.failed(new FileError('not_regular_file', 'read', item.path, 'not a regular file'), shown);
    else if (item.kind === 'file') yield { ...at, path: item.path, shown };
  }
}

// codexfs sum --check: reads a list of sums, and says of each file in it whether it still has its own.

import { CodexfsError, FileError, hasCode, UsageError } from '../../errors.js';
import { parseLocation } from '../../remotes/Location.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { HashesInFlight, hashAll } from '../../transfer/hashAll.js';
import { fileLocations } from '../eachOperand.js';
import { exitStatus, exitStatusOfRun } from '../exitStatus.js';
import { inBatches } from '../inBatches.js';
import { LineWriter } from '../LineWriter.js';
import { asFileLocation, endpointOf } from '../operands.js';
import { counted } from '../quantities.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import { linesOf } from './linesOf.js';
import { type ListedSum, parseSumLine } from './sumLine.js';

export interface CheckOptions {
  /** Says nothing but by the exit status. */
  readonly status?: boolean;
  /** Passes over files that are not there. */
  readonly ignoreMissing?: boolean;
  /** Whether a line that is no sum is a failure. */
  readonly strict?: boolean;
}

/**
 * Checks the list at `word`, whose names are locations, or paths below the one directory that `words` may name.
 * @throws {UsageError} before anything was attempted; {CodexfsError} when the list cannot be read
 */
export async function checkSums(
  word: string,
  words: readonly string[],
  options: CheckOptions,
  run: Run,
): Promise<void> {
  if (words.length > 1) throw new UsageError('--check takes one directory, which the names in the list are below');
  const [directory] = fileLocations(words, run);
  const below = directory === undefined ? undefined : await endpointOf(directory, run);
  const check = new Check(below, options, run);
  for await (const lines of inBatches(linesOf(word, run))) await check.add(lines);
  check.end(word);
}

class Check {
  readonly #below: Endpoint | undefined;
  readonly #options: CheckOptions;
  readonly #run: Run;
  readonly #lines: LineWriter;
  readonly #inFlight = new HashesInFlight();
  #listedCount = 0;
  #checkedCount = 0;
  #mismatchCount = 0;
  #malformedCount = 0;

  constructor(below: Endpoint | undefined, options: CheckOptions, run: Run) {
    this.#below = below;
    this.#options = options;
    this.#run = run;
    this.#lines = new LineWriter(run.output);
    // As of sha256sum: whatever is wrong with any of the files is 1.
    run.tally.statusRule = (outcome) => {
      const status = exitStatusOfRun(outcome);
      const isWrong = this.#mismatchCount > 0 || (options.strict === true && this.#malformedCount > 0);
      return status === exitStatus.ok && isWrong ? exitStatus.someFailed : status;
    };
  }

  async add(lines: readonly string[]): Promise<void> {
    const listed = lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap((line) => this.#parsed(line));
    const places = await Promise.all(listed.map(({ name }) => this.#endpointOf(name)));
    const files = places.flatMap((place) => (place instanceof CodexfsError ? [] : [place]));
    const hashes = await hashAll(files, { signal: this.#run.signal }, this.#inFlight);
    for (const [index, sum] of listed.entries()) {
      const place = places[index];
      await this.#tell(sum, place instanceof CodexfsError ? place : hashes.shift());
    }
    await this.#lines.flush();
  }

  /** @throws {CodexfsError} when there was no sum in the list at all */
  end(word: string): void {
    if (this.#listedCount === 0) throw new FileError('refused', 'read', word, `there is no sum in ${show(word)}`);
    if (this.#checkedCount + this.#run.tally.failedCount === 0) {
      throw new FileError('not_found', 'read', word, `none of the files in ${show(word)} is there`);
    }
    const isSilent = this.#options.status === true;
    if (this.#malformedCount > 0 && !isSilent)
      this.#warn(`${counted(this.#malformedCount, 'line')} passed over: no sums`);
    if (this.#mismatchCount > 0 && !isSilent)
      this.#warn(`${this.#mismatchCount} of ${counted(this.#listedCount, 'file')} changed`);
  }

  #parsed(line: string): ListedSum[] {
    const sum = parseSumLine(line);
    if (sum === undefined) this.#malformedCount++;
    else this.#listedCount++;
    return sum === undefined ? [] : [sum];
  }

  /** A list may come from anywhere: the names in it lead to remotes that this machine knows, and to no other address. */
  async #endpointOf(name: string): Promise<Endpoint | CodexfsError> {
    try {
      if (this.#below !== undefined) return placeBelow(this.#below, name);
      const location = asFileLocation(parseLocation(name), 'sum');
      if (location.kind !== 'url') return await endpointOf(location, this.#run);
      return new FileError('refused', 'read', name, 'an address in a list is not connected to', {
        hint: 'name the directory behind --check FILE, or give the address a name with --remote',
      });
    } catch (error) {
      if (error instanceof UsageError)
        return new FileError('refused', 'read', name, error.message, { hint: error.hint });
      if (error instanceof CodexfsError && error.code !== 'cancelled') return error;
      throw error;
    }
  }

  async #tell({ sha256, name }: ListedSum, actual: string | CodexfsError | undefined): Promise<void> {
    if (this.#options.ignoreMissing && hasCode(actual, 'not_found')) return;
    const isRead = typeof actual === 'string';
    const isSame = actual === sha256;
    if (!isRead) this.#run.failed(actual, name);
    else this.#run.done();
    if (isRead) this.#checkedCount++;
    if (isRead && !isSame) this.#mismatchCount++;
    if (this.#run.options.json) {
      if (isRead) await this.#run.record({ type: 'check', location: name, expected: sha256, sha256: actual, isSame });
    } else if (this.#isTold(isSame)) {
      await this.#lines.write(`${show(name)}: ${isSame ? 'OK' : isRead ? 'FAILED' : 'FAILED open or read'}\n`);
    }
  }

  #isTold(isSame: boolean): boolean {
    return !this.#options.status && !(isSame && this.#run.options.quiet);
  }

  #warn(text: string): void {
    this.#run.note(`codexfs: sum: ${text}`);
  }
}

function placeBelow(below: Endpoint, name: string): Endpoint {
  const isAbsolute = name.startsWith('/');
  return { ...below, path: isAbsolute ? name : below.fileSystem.join(below.path, name), shown: name };
}

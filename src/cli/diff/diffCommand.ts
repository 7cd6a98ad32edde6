// codexfs diff: whether two files or two trees are the same, wherever they are, and what differs.

import { CodexfsError, FileError, UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { limits } from '../../protocol/limits.js';
import { BytesInFlight } from '../../transfer/BytesInFlight.js';
import { type Pair, pairsOf } from '../../transfer/compareTrees.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { FilesInFlight, manyFiles } from '../../transfer/FilesInFlight.js';
import { isAnswerLost } from '../../transfer/failure.js';
import { mapAhead, mapInParallel } from '../../transfer/inParallel.js';
import { endpointBelow } from '../../transfer/plan.js';
import { readTree, type TreeNode } from '../../transfer/readTree.js';
import { fileLocations } from '../eachOperand.js';
import { locationBelow } from '../locationBelow.js';
import { endpointOf, type FileLocation } from '../operands.js';
import type { Run } from '../Run.js';
import { compareFiles, type FileDifference } from './compareFiles.js';
import { DiffReport } from './DiffReport.js';

export interface DiffOptions {
  readonly recursive?: boolean;
  /** Says that files differ, not in what. */
  readonly brief?: boolean;
}

/** As diff(1) ends: what is different, and what is trouble. */
const statuses = { same: 0, different: 1, trouble: 2 } as const;

/** Pairs whose lines are written together: a write for each would take longer than to compare them. */
const toldAtOnce = 100;

/** Two files each, which may both be on one server. */
const largePairs = { first: manyFiles.first, most: Math.floor(manyFiles.most / 2) };

interface Side {
  /** `shown` is the location of just this. */
  readonly at: Endpoint;
  /** What was typed. */
  readonly location: FileLocation;
}

interface Operand extends Side {
  readonly info: FileInfo;
}

interface Failure {
  readonly error: CodexfsError;
  readonly subject: string;
}

/** Compares the two locations that `words` name. @throws {UsageError} before anything was attempted */
export async function runDiff(words: readonly string[], options: DiffOptions, run: Run): Promise<void> {
  const [first, second, ...others] = fileLocations(words, run);
  if (first === undefined || second === undefined || others.length > 0) {
    throw new UsageError('two locations are compared', { hint: 'codexfs diff --help tells more' });
  }
  const report = new DiffReport(run, { isBrief: options.brief === true || run.options.quiet });
  run.tally.statusRule = ({ failures }) => {
    if (failures.length > 0) return statuses.trouble;
    return report.isDifferent ? statuses.different : statuses.same;
  };
  const [a, b] = await mapInParallel([first, second], 2, (location) => operandOf(location, run));
  if (a !== undefined && b !== undefined) await new Comparison(options, report, run).compare(a, b);
}

/** Undefined, and told, where there is nothing to compare. */
async function operandOf(location: FileLocation, run: Run): Promise<Operand | undefined> {
  try {
    const at = await endpointOf(location, run);
    return { at, location, info: await at.fileSystem.stat(at.path, { signal: run.signal }) };
  } catch (error) {
    run.failed(error, location.word);
    return undefined;
  }
}

class Comparison {
  readonly #options: DiffOptions;
  readonly #run: Run;
  readonly #report: DiffReport;
  readonly #inFlight = { small: new BytesInFlight(), large: new FilesInFlight(largePairs) };

  constructor(options: DiffOptions, report: DiffReport, run: Run) {
    this.#options = options;
    this.#report = report;
    this.#run = run;
  }

  /** A file beside a directory is compared with the file of its name in there. */
  async compare(a: Operand, b: Operand): Promise<void> {
    const isOpened = ({ info }: Operand) => info.kind === 'directory';
    if (isOpened(a) && isOpened(b)) await this.#compareTrees(a, b);
    else if (isOpened(a)) await this.#compareFiles(namesakeIn(a, b), b);
    else if (isOpened(b)) await this.#compareFiles(a, namesakeIn(b, a));
    else await this.#compareFiles(a, b);
    await this.#report.flush();
  }

  async #compareFiles(a: Side, b: Side): Promise<void> {
    const outcome = await this.#difference(a, b);
    await this.#tellFiles(a, b, outcome);
  }

  async #compareTrees(a: Side, b: Side): Promise<void> {
    const [first, second] = await mapInParallel([a, b], 2, (side) => this.#readTree(side));
    if (first === undefined || second === undefined) return;
    const compared = mapAhead(pairsOf(first, second), limits.statsInFlight, async (pair) => ({
      pair,
      outcome: await this.#outcomeOf(pair, a, b),
    }));
    let count = 0;
    for await (const { pair, outcome } of compared) {
      await this.#tellPair(pair, outcome, a, b);
      if (++count % toldAtOnce === 0) await this.#report.flush();
    }
  }

  async #readTree({ at, location }: Side): Promise<TreeNode | undefined> {
    try {
      return await readTree(at, {
        signal: this.#run.signal,
        links: 'follow',
        maxDepth: this.#options.recursive ? undefined : 1,
        onProblem: (error, names) => this.#run.failed(error, locationBelow(location, names)),
      });
    } catch (error) {
      this.#run.failed(error, location.word);
      return undefined;
    }
  }

  /** What comparing contents comes to, where there are any to compare. */
  async #outcomeOf(pair: Pair, a: Side, b: Side): Promise<FileDifference | Failure | undefined> {
    if (pair.type !== 'both' || pair.first.kind !== pair.second.kind) return undefined;
    const { kind, names, path } = pair.first;
    if (kind === 'directory') return undefined;
    if (kind === 'file') return this.#difference(sideBelow(a, names), sideBelow(b, names));
    const error = new FileError('not_regular_file', 'read', path, 'not a regular file, here and there');
    return { error, subject: locationBelow(a.location, names) };
  }

  async #difference(a: Side, b: Side): Promise<FileDifference | Failure | undefined> {
    try {
      const isBrief = this.#options.brief === true || this.#run.options.quiet;
      return await compareFiles(a.at, b.at, { signal: this.#run.signal, isBrief, ...this.#inFlight });
    } catch (error) {
      if (!(error instanceof CodexfsError)) throw error;
      const isOfSecond = error instanceof FileError && error.path === b.at.path && error.path !== a.at.path;
      if (isAnswerLost(error)) throw error;
      return { error, subject: (isOfSecond ? b : a).at.shown };
    }
  }

  async #tellFiles(a: Side, b: Side, outcome: FileDifference | Failure | undefined): Promise<void> {
    if (outcome === undefined) return this.#run.done();
    if ('error' in outcome) return void this.#run.failed(outcome.error, outcome.subject);
    this.#run.done();
    await this.#report.files({ first: a.at.shown, second: b.at.shown }, outcome);
  }

  async #tellPair(pair: Pair, outcome: FileDifference | Failure | undefined, a: Side, b: Side): Promise<void> {
    if (pair.type === 'onlyFirst') return this.#tellOnly(pair.first, 'first', a);
    if (pair.type === 'onlySecond') return this.#tellOnly(pair.second, 'second', b);
    const { names, kind } = pair.first;
    const locations = { first: locationBelow(a.location, names), second: locationBelow(b.location, names) };
    if (kind !== pair.second.kind) return this.#report.kinds(locations, kind, pair.second.kind);
    if (kind !== 'directory') return this.#tellFiles(sideBelow(a, names), sideBelow(b, names), outcome);
    if (!this.#options.recursive) await this.#report.common(locations);
  }

  #tellOnly({ name, names }: TreeNode, side: 'first' | 'second', { location }: Side): Promise<void> {
    const directory = locationBelow(location, names.slice(0, -1));
    return this.#report.onlyIn(directory, name, side, locationBelow(location, names));
  }
}

function sideBelow({ at, location }: Side, names: readonly string[]): Side {
  const { path } = endpointBelow(at, names);
  return { at: { ...at, path, shown: locationBelow(location, names) }, location };
}

/** What is called as `file` is, in the directory `directory`. */
function namesakeIn(directory: Side, { at }: Side): Side {
  return sideBelow(directory, [at.fileSystem.basename(at.path)]);
}

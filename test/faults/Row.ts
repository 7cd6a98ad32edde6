// One line of the table that `npm run faults` prints: a fault, where it strikes, and what came of all its runs.

import { type Expectation, partialReports, problemsOf, type RunRecord, type Status } from './oracle.js';

/** A fault of the table at one place. */
export interface Row {
  /** `F01` to `F60`, or the name of a sweep. */
  readonly id: string;
  readonly fault: string;
  /** The direction, the channel and the server. */
  readonly where: string;
  /** Why it cannot run on this machine; undefined: it runs. */
  readonly skip?: string | undefined;
  /** Only in the long run. */
  readonly isLong?: boolean;
  run(tally: Tally): Promise<void>;
}

/** Counts the runs of a row and keeps what was wrong with them. */
export class Tally {
  readonly problems: string[] = [];
  runs = 0;
  /** Runs that ended with 0 over other bytes than the source's, and reports whose length was not the file's. */
  wrongSuccesses = 0;
  wrongReports = 0;
  readonly #statuses = new Map<Status | string, number>();
  readonly #reports = new Map<string, number>();

  /** Judges one run; `label` says which one, so that it can be repeated. */
  judge(label: string, run: RunRecord, expected: Expectation): void {
    const problems = problemsOf(run, expected);
    this.#count(run);
    if (problems.some((problem) => problem.includes('exit 0 with different bytes'))) this.wrongSuccesses++;
    if (problems.some((problem) => /reported as|not reported|not a beginning/.test(problem))) this.wrongReports++;
    this.problems.push(...problems.map((problem) => `${label}: ${problem}`));
  }

  /** Counts one run that has no destination: `status` in words, and what is wrong, if anything is. */
  check(label: string, status: Status | string, problems: readonly (string | undefined)[] = []): void {
    this.runs++;
    add(this.#statuses, status);
    for (const problem of problems) if (problem !== undefined) this.problems.push(`${label}: ${problem}`);
  }

  /** Something around the runs went wrong. */
  fail(problem: string): void {
    this.problems.push(problem);
  }

  get exits(): string {
    return inWords(this.#statuses);
  }

  get reports(): string {
    return inWords(this.#reports);
  }

  #count({ status, stderr }: RunRecord): void {
    this.runs++;
    add(this.#statuses, status);
    for (const { bound } of partialReports(stderr).values()) add(this.#reports, bound);
  }
}

function add(counts: Map<Status | string, number>, key: Status | string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function inWords(counts: ReadonlyMap<Status | string, number>): string {
  const words = [...counts].map(([key, count]) => (count === 1 ? String(key) : `${key}×${count}`));
  return words.length === 0 ? '-' : words.join(' ');
}

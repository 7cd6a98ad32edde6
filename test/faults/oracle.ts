// What must be true of a run of codexfs however it ended: exit 0 means that the bytes are the same, and every other end says of
// each file that it left incomplete how long that is.

/** How a run ended: its exit status, or the signal that it died by. */
export type Status = number | NodeJS.Signals;

/** One destination, before and after. */
export interface FileFate {
  /** As the program names it. */
  readonly shown: string;
  /** What the source held; several where it changed under the copy. */
  readonly sources: readonly Buffer[];
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

export interface RunRecord {
  readonly status: Status;
  readonly stderr: string;
  readonly files: readonly FileFate[];
  /** Paths that are there now, were not before, and are no destinations. */
  readonly strays?: readonly string[];
}

export interface Expectation {
  readonly statuses: readonly Status[];
  /** What stderr must say. */
  readonly says?: RegExp | undefined;
  /** What it must not say. */
  readonly saysNot?: RegExp | undefined;
}

/** What the program said of one incomplete file. */
export interface PartialReport {
  readonly shown: string;
  /** `exact` holds so many bytes, `upTo` at most so many, or what it held before, `atLeast` no fewer. */
  readonly bound: 'exact' | 'upTo' | 'atLeast';
  readonly bytes: number;
  /** How far from the truth `bytes` may be: sizes are rounded when there are several files. */
  readonly slack: number;
}

const units: Readonly<Record<string, number>> = { bytes: 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Everything that is wrong with `run`, in words; nothing is when it is as it must be. */
export function problemsOf(run: RunRecord, expected: Expectation): string[] {
  const problems: string[] = [];
  const { status, stderr, files } = run;
  if (!expected.statuses.includes(status)) problems.push(`ended with ${status}, not ${expected.statuses.join(' or ')}`);
  if (expected.says !== undefined && !expected.says.test(stderr)) problems.push(`does not say ${expected.says}`);
  if (expected.saysNot?.test(stderr) === true) problems.push(`says ${expected.saysNot}`);
  if (/^\s+at .+:\d+:\d+\)?$/m.test(stderr) || status === 70) problems.push('shows a stack');
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(stderr)) problems.push('writes control characters');
  const reports = partialReports(stderr);
  const strays = (run.strays ?? []).filter((stray) => !reports.has(stray));
  if (strays.length > 0) problems.push(`leaves ${strays.join(', ')} behind`);
  for (const file of files) problems.push(...problemsOfFile(file, status, reports.get(file.shown)));
  for (const shown of reports.keys()) {
    if (!files.some((file) => file.shown === shown) && run.strays?.includes(shown) !== true)
      problems.push(`reports ${shown}, which is no destination`);
  }
  return problems.length === 0 ? [] : [...problems, `it said: ${stderr.trim()}`];
}

/** The `partial:` lines of `stderr`, by file. */
export function partialReports(stderr: string): Map<string, PartialReport> {
  const reports = new Map<string, PartialReport>();
  for (const [, shown = '', said, number = '', unit = ''] of stderr.matchAll(
    /^ {2}partial: (.+) \((up to |at least )?([\d.]+)(?: of [\d.]+)? (\w+)\)$/gm,
  )) {
    const bound = said === undefined ? 'exact' : said === 'up to ' ? 'upTo' : 'atLeast';
    const unitBytes = units[unit] ?? Number.NaN;
    const decimals = number.split('.')[1]?.length ?? 0;
    const slack = unitBytes === 1 ? 0 : unitBytes / 10 ** decimals;
    reports.set(shown, { shown, bound, bytes: Number(number) * unitBytes, slack });
  }
  return reports;
}

function problemsOfFile(file: FileFate, status: Status, report: PartialReport | undefined): string[] {
  const { shown, sources, before, after } = file;
  const isComplete = sources.some((source) => isEqual(source, after));
  if (status === 0) return isComplete ? [] : [`${shown}: exit 0 with different bytes (${difference(file)})`];
  if (report === undefined) {
    const isUntouched = isEqual(before, after);
    return isUntouched || isComplete ? [] : [`${shown}: changed, incomplete, and not reported (${difference(file)})`];
  }
  const length = after?.length ?? 0;
  const { bound, bytes, slack } = report;
  if (bound === 'upTo') {
    return length <= bytes + slack || isEqual(before, after)
      ? []
      : [`${shown}: has ${length} bytes, reported as up to ${bytes}`];
  }
  if (bound === 'atLeast') {
    return length >= bytes - slack ? [] : [`${shown}: has ${length} bytes, reported as at least ${bytes}`];
  }
  if (!(Math.abs(length - bytes) <= slack)) return [`${shown}: has ${length} bytes, reported as ${bytes}`];
  const [source] = sources;
  const isBeginning = sources.length > 1 || after === undefined || source?.subarray(0, length).equals(after) === true;
  return isBeginning ? [] : [`${shown}: its ${length} bytes are not a beginning of the source`];
}

function difference({ sources, after }: FileFate): string {
  const lengths = sources.map((source) => source.length).join(' or ');
  return `${after === undefined ? 'no file' : `${after.length} bytes`}, the source has ${lengths}`;
}

function isEqual(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

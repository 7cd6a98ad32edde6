// Suites over uvu that run themselves, give every test a deadline and tell the runner what they did. No hooks.

import * as assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { suite as uvuSuite } from 'uvu';
import * as uvuAssert from 'uvu/assert';
import { report } from './records.js';

export interface TestOptions {
  /** Milliseconds until the test counts as hung. */
  readonly timeoutMs?: number;
  /** Why the test cannot run on this machine; printed. Undefined: it runs. */
  readonly skip?: string | undefined;
}

export type RegisterTest = (title: string, body: () => void | Promise<void>, options?: TestOptions) => void;

/** Long: a machine that runs other work takes five times as long, and a test that measures time says so itself. */
const defaultTimeoutMs = 30_000;
/** How long the process may take to end by itself after its last test. */
const lingerMs = 3_000;

const titles = new Set<string>();
let unsettled = 0;
let hasHung = false;

/** Registers the tests that `body` makes under `title` and runs them. */
export function describe(title: string, body: (test: RegisterTest) => void): void {
  const tests = uvuSuite(title);
  const returned: unknown = body((testTitle, run, options = {}) => {
    const fullTitle = `${title} › ${testTitle}`;
    if (titles.has(fullTitle)) throw new Error(`two tests are called "${fullTitle}"`);
    titles.add(fullTitle);
    unsettled++;
    report({ type: 'registered', title: fullTitle });
    tests(testTitle, () => runTest(fullTitle, run, options));
  });
  if (returned !== undefined) throw new Error(`the body of "${title}" returned something; it must be synchronous`);
  tests.run();
}

/** The error that `promise` rejects with. Fails if it fulfils, or if the error is not a `type`. */
export async function rejection<E extends Error = Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => E = Error as unknown as new () => E,
): Promise<E> {
  const outcome = await promise.then(
    (value) => ({ fulfilled: true, value }) as const,
    (error: unknown) => ({ fulfilled: false, error }) as const,
  );
  if (outcome.fulfilled) assert.fail(`expected a rejection, but the promise fulfilled with ${inspect(outcome.value)}`);
  if (outcome.error instanceof type) return outcome.error;
  assert.fail(`expected a rejection with ${type.name}, got ${inspect(outcome.error)}`);
}

async function runTest(title: string, run: () => void | Promise<void>, options: TestOptions): Promise<void> {
  if (options.skip !== undefined) {
    report({ type: 'skipped', title, reason: options.skip });
    settle();
    return;
  }
  report({ type: 'started', title });
  try {
    await withDeadline(run, options.timeoutMs ?? defaultTimeoutMs);
    report({ type: 'passed', title });
  } catch (error) {
    report({ type: 'failed', title, text: describeError(error) });
    throw printable(error);
  } finally {
    settle();
  }
}

async function withDeadline(run: () => void | Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      hasHung = true;
      reject(new Error(`did not finish within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(run), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** After the last test nothing may hold the process: a socket or a child that does is a leak of some test. */
function settle(): void {
  if (--unsettled > 0) return;
  setTimeout(() => {
    if (unsettled > 0) return;
    if (!hasHung) report({ type: 'leaked', resources: process.getActiveResourcesInfo() });
    process.exit(1);
  }, lingerMs).unref();
}

function describeError(error: unknown): string {
  if (!(error instanceof uvuAssert.Assertion)) return inspect(error);
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node_modules'));
  return [error.message, error.details || inspect(error.actual), ...frames].join('\n');
}

/** uvu stumbles, and then passes, over values that do not look like its own errors. */
function printable(error: unknown): Error {
  const copy = new Error(error instanceof Error ? error.message : inspect(error));
  copy.stack = describeError(error);
  return copy;
}

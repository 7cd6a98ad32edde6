// Runs one command from its options to its exit status: sets up what it uses, ends it in order, and tells how it ended.

import { constants } from 'node:os';
import { CodexfsError, hasCode, UsageError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import { mayNameRemote } from '../remotes/Location.js';
import { loadRegistry } from '../remotes/loadRegistry.js';
import { Connections } from './Connections.js';
import { errorLines } from './errorText.js';
import { exitStatus } from './exitStatus.js';
import type { GlobalOptions } from './globalOptions.js';
import type { Interruption } from './Interruption.js';
import type { Output } from './Output.js';
import { Run } from './Run.js';
import { recordsOf } from './records/recordsOf.js';
import { type Ending, errorRecord } from './records/runRecords.js';
import { show } from './show.js';
import { readTokens } from './token.js';

/** What the process gives to every command. */
export interface Host {
  readonly output: Output;
  readonly interruption: Interruption;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the process now, with status 0, for who has answered and waits for nothing. */
  readonly leave: () => never;
}

/** What a shell adds to a signal's number to make a status of it. */
const signalStatus = 128;

export type Work = (run: Run) => Promise<void>;

/** A command as it was called. */
export interface Call {
  readonly command: string;
  readonly words: readonly string[];
  readonly options: GlobalOptions;
}

/** Does `work` as `call` says. Resolves with the exit status; after a signal the caller raises it instead. */
export async function execute(call: Call, host: Host, work: Work): Promise<number> {
  const { command, options } = call;
  host.output.configure({ color: options.color, isQuiet: options.quiet });
  try {
    const run = await prepare(call, host);
    return await finish(run, host, work);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.output.error(errorLines(error, { command, isVerbose: options.verbose }));
    return exitStatus.usage;
  }
}

/** Works to the end, and writes the last record however that comes. Resolves with the exit status. */
async function finish(run: Run, host: Host, work: Work): Promise<number> {
  const { interruption, output } = host;
  const endingOf = (status: number): Ending => {
    const signal = interruption.received;
    return { signal, exitStatus: signal === undefined ? status : signalStatus + constants.signals[signal] };
  };
  interruption.lastWords = () => {
    run.tellInterrupted();
    run.endNow(endingOf(exitStatus.ok));
  };
  try {
    await conclude(run, host, work);
    const status = statusOf(run, output);
    await run.end(endingOf(status));
    return status;
  } catch (error) {
    if (error instanceof UsageError) void run.record(errorRecord(error));
    await run.end(endingOf(error instanceof UsageError ? exitStatus.usage : exitStatus.bug));
    throw error;
  }
}

/** @throws {UsageError} when the options or the environment are wrong */
async function prepare({ command, words, options }: Call, host: Host): Promise<Run> {
  const { output, interruption, env } = host;
  const registry = await loadRegistry({
    definitions: options.remote,
    env,
    isNameWanted: words.length === 0 || words.some(mayNameRemote),
    warn: (line) => output.note(`codexfs: warning: ${show(line)}`),
  });
  const tokens = await readTokens({ file: options.tokenFile, env, warn: (line) => output.note(line) });
  const { signal } = interruption;
  const connectOptions = {
    ...tokens,
    allowInsecureToken: options.insecureToken,
    allowExec: options.exec,
    connectTimeoutMs: options.connectTimeout,
    idleTimeoutMs: options.timeout,
    retry: { retries: options.retries ?? limits.retries, isInsistent: options.retries !== undefined },
    signal,
  };
  const connections = new Connections(connectOptions, {
    connected: (spec, { server, dialects }) => {
      if (!options.verbose) return;
      const version = server.version === undefined ? '' : ` ${server.version}`;
      const line = `connected to ${spec.name}: ${server.kind}${version}, reads ${dialects.read}, writes ${dialects.write}`;
      output.note(`codexfs: ${show(line)}`);
    },
    retrying: (spec, news) => run.retrying(spec.name, news),
  });
  const records = await recordsOf(options, output, (error) => run.failed(error));
  const run = new Run({ command, options, output, registry, connections, records, signal });
  return run;
}

/** Works, tells what ended the work early, and closes the connections. */
async function conclude(run: Run, { output, interruption }: Host, work: Work): Promise<void> {
  try {
    await work(run);
  } catch (error) {
    if (!(error instanceof CodexfsError)) throw error;
    if (!hasCode(error, 'cancelled')) run.ended(error);
    else if (interruption.received !== undefined) run.tellInterrupted();
    else if (output.stdoutFailure !== undefined) run.ended(output.stdoutFailure);
  } finally {
    run.progress.end();
    await run.connections[Symbol.asyncDispose]();
  }
}

/** A reader that went away, and what could not be written to stdout, count whatever else there was. */
function statusOf(run: Run, output: Output): number {
  if (output.isReaderGone) return exitStatus.readerGone;
  if (output.stdoutFailure !== undefined && run.tally.failedCount === 0) run.ended(output.stdoutFailure);
  return run.tally.exitStatus;
}

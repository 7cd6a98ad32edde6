// The program run inside the test's own process, for tables of many command lines: no start-up, the same words and streams.

import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Interruption } from '../../src/cli/Interruption.js';
import { Output } from '../../src/cli/Output.js';
import { runProgram } from '../../src/cli/program.js';
import { repositoryRoot } from './repository.js';

export interface ProcessRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let interruption: Interruption | undefined;

export interface ProcessRunOptions {
  /** Whether both streams count as terminals. */
  readonly isTerminal?: boolean;
  /** How wide the terminal is; it does not say unless given. */
  readonly columns?: number | undefined;
}

/** Runs `codexfs` with `words`. No signal reaches it. */
export async function runInProcess(
  words: readonly string[],
  { isTerminal = false, columns }: ProcessRunOptions = {},
): Promise<ProcessRun> {
  // One for all: each watches the signals of the process for good.
  interruption ??= new Interruption();
  const [stdout, stderr] = [new Kept(isTerminal, columns), new Kept(isTerminal, columns)];
  const output = new Output(stdout, stderr, () => {});
  // Without what is configured for whoever runs the tests.
  const env = { HOME: join(repositoryRoot, '.cache/no-such-folder') };
  const status = await runProgram(words, { output, interruption, env, leave });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

function leave(): never {
  throw new Error('the process is that of the test');
}

class Kept extends Writable {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  text = '';

  constructor(isTTY: boolean, columns: number | undefined) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString('utf8');
    done();
  }
}

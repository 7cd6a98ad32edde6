// The program run inside the test's own process, for tables of many command lines: no start-up, the same words and streams.

import { Writable } from 'node:stream';
import { Interruption } from '../../src/cli/Interruption.js';
import { Output } from '../../src/cli/Output.js';
import { runProgram } from '../../src/cli/program.js';

export interface ProcessRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let interruption: Interruption | undefined;

export interface ProcessRunOptions {
  /** Whether both streams count as terminals. */
  readonly isTerminal?: boolean;
}

/** Runs `codexfs` with `words`. No signal reaches it. */
export async function runInProcess(
  words: readonly string[],
  { isTerminal = false }: ProcessRunOptions = {},
): Promise<ProcessRun> {
  // One for all: each watches the signals of the process for good.
  interruption ??= new Interruption();
  const [stdout, stderr] = [new Kept(isTerminal), new Kept(isTerminal)];
  const status = await runProgram(words, { output: new Output(stdout, stderr, () => {}), interruption, env: {} });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

class Kept extends Writable {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString('utf8');
    done();
  }
}

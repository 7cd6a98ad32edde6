// A program between a client and a stdio server: `node faultPipe.js FAULTS PROGRAM ARGS…`, with FAULTS a JSON array, runs the
// program and passes lines both ways with those faults. `cut` ends it, `reset` has it killed.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Direction, type Fault, FaultyStream, swapMs, type Turn } from './FaultyStream.js';
import { LineSplitter } from './frames.js';

/** The start of a command that runs a stdio server behind `faults`. */
export function faultPipe(faults: readonly Fault[]): string[] {
  return [process.execPath, fileURLToPath(import.meta.url), JSON.stringify(faults)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv.slice(2));

function run([faults = '[]', program = '', ...args]: readonly string[]): void {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  for (const stream of [child.stdin, child.stdout, process.stdin, process.stdout]) stream.on('error', () => {});
  child.on('exit', (code) => process.exit(code ?? 1));
  const lines = new FaultyLines(child, JSON.parse(faults) as Fault[]);
  void lines.forward('up', process.stdin, child.stdin);
  void lines.forward('down', child.stdout, process.stdout);
}

class FaultyLines {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #faults: readonly Fault[];
  #isHole = false;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>, faults: readonly Fault[]) {
    this.#child = child;
    this.#faults = faults;
  }

  async forward(direction: Direction, from: Readable, to: Writable): Promise<void> {
    const splitter = new LineSplitter();
    const stream = new FaultyStream(direction, this.#faults);
    for await (const piece of from) {
      for (const unit of splitter.take(piece as Buffer)) {
        const step = await stream.take(unit);
        if (step.isHolding) setTimeout(() => void writeAll(to, stream.overdue().pass), swapMs);
        if (!this.#isHole) await writeAll(to, step.pass);
        if (step.turn !== undefined) this.#turn(step.turn);
      }
    }
    to.end();
  }

  #turn(turn: Turn): void {
    if (turn === 'hole') this.#isHole = true;
    else {
      this.#child.kill('SIGKILL');
      if (turn === 'reset') process.kill(process.pid, 'SIGKILL');
      else process.exit(0);
    }
  }
}

async function writeAll(to: Writable, pieces: readonly Buffer[]): Promise<void> {
  for (const bytes of pieces) await new Promise((resolve) => to.write(bytes, resolve));
}

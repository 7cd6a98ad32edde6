// Where the process begins and ends: the streams, the signals, the exit status. Nothing else exits.

import { beginShort } from './engine.js';
import { Interruption } from './Interruption.js';
import { Output } from './Output.js';

const exitStatusOfBug = 70;

beginShort();

const interruption = new Interruption();
const output = new Output(process.stdout, process.stderr, () => interruption.cancel());

process.on('uncaughtException', endByBug);

try {
  const { runProgram } = await import('./program.js');
  // Not process.exit: what is still on its way to stdout must arrive.
  const leave = () => process.exit(0);
  process.exitCode = await runProgram(process.argv.slice(2), { output, interruption, env: process.env, leave });
} catch (error) {
  endByBug(error);
}
interruption.raise();

/** Nothing is known of the state any more, so nothing is waited for. */
function endByBug(error: unknown): never {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.error(['codexfs: this is a bug in codexfs; please report it with the lines below', stack]);
  process.exit(exitStatusOfBug);
}

// How a transfer under way is shown: the interface, the one that shows nothing, and the choice between them.

import type { GlobalOptions } from './globalOptions.js';
import type { Output } from './Output.js';

export interface Progress {
  /** Whether anything has been shown, so that an end line makes sense. */
  readonly hasShown: boolean;
  /** A file begins. `name` may be any text. */
  begin(name: string): void;
  /** Its size, where it is known. */
  expect(totalBytes: number | undefined): void;
  /** So many more bytes are in place. */
  advance(bytes: number): void;
  /** The file is over: leaves the terminal as it was found. Idempotent. */
  end(): void;
}

/** For -q, for short runs without a terminal, and wherever nothing is to be shown. */
export const noProgress: Progress = {
  hasShown: false,
  begin: () => {},
  expect: () => {},
  advance: () => {},
  end: () => {},
};

/** The progress that `options` ask for on stderr: a bar on a terminal, plain lines elsewhere. */
export async function createProgress(command: string, options: GlobalOptions, output: Output): Promise<Progress> {
  const { stderr } = output;
  if (options.quiet || options.progress === 'none') return noProgress;
  const canDraw = stderr.isTTY === true && process.env.TERM !== 'dumb';
  if (canDraw && options.progress !== 'plain') {
    const { BarProgress } = await import('./BarProgress.js');
    return new BarProgress(stderr, output.paint);
  }
  const { PlainProgress } = await import('./PlainProgress.js');
  return new PlainProgress((line) => output.note(`codexfs: ${command}: ${line}`));
}

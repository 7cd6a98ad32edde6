// The choice between a bar, plain lines, records and nothing. What draws is loaded only when it is chosen.

import type { GlobalOptions } from '../globalOptions.js';
import type { Output } from '../Output.js';
import { noProgress, type Progress } from './Progress.js';

export interface ProgressParts {
  readonly command: string;
  readonly options: GlobalOptions;
  readonly output: Output;
}

/** The progress that `options` ask for on stderr: by default a bar on a terminal, plain lines elsewhere. */
export async function createProgress({ command, options, output }: ProgressParts): Promise<Progress> {
  const { stderr } = output;
  if (options.quiet || options.progress === 'none') return noProgress;
  if (options.progress === 'json') {
    const { JsonProgress } = await import('./JsonProgress.js');
    return new JsonProgress((line) => void stderr.write(line));
  }
  const canDraw = stderr.isTTY === true && process.env.TERM !== 'dumb';
  if (canDraw && options.progress !== 'plain') {
    const { BarProgress } = await import('./BarProgress.js');
    return new BarProgress(stderr, output.paint);
  }
  const { PlainProgress } = await import('./PlainProgress.js');
  return new PlainProgress((line) => output.note(`codexfs: ${command}: ${line}`));
}

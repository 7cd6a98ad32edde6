// codexfs mkdir: makes directories, with those above them if asked to.

import { FileError } from '../../errors.js';
import { abortable } from '../../transfer/settle.js';
import { fileLocations, forEachOperand } from '../eachOperand.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';

export interface MkdirOptions {
  /** Makes what is missing above a directory too, and takes one that exists as made. */
  readonly parents?: boolean;
}

/** Makes the directories that `words` name. @throws {UsageError} before anything was attempted */
export async function runMkdir(words: readonly string[], options: MkdirOptions, run: Run): Promise<void> {
  const recursive = options.parents ?? false;
  await forEachOperand(fileLocations(words, run), run, async ({ fileSystem, path, shown }) => {
    await abortable(fileSystem.makeDirectory(path, { recursive }), run.signal).catch(withHint);
    if (run.options.verbose) run.note(`made directory ${show(shown)}`);
    run.done();
  });
}

/** `error` again, with the way out where there is one. */
function withHint(error: unknown): never {
  if (!(error instanceof FileError) || error.code !== 'not_found') throw error;
  const { code, operation, path, message } = error;
  throw new FileError(code, operation, path, message, { cause: error, hint: 'add -p to make what is above it too' });
}

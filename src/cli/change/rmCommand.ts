// codexfs rm: removes files, links and, if asked to, directories with all that is in them.

import { FileError, hasCode, UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { removeTree } from '../../transfer/removeTree.js';
import { abortable } from '../../transfer/settle.js';
import { existingLocations, forEachOperand } from '../eachOperand.js';
import type { FileLocation } from '../operands.js';
import type { Run } from '../Run.js';
import { show } from '../show.js';
import { refuseDots, refuseRootAndWorkingDirectory, withoutTrailingSeparators } from './refuseRemoval.js';

export interface RmOptions {
  /** Directories too. */
  readonly recursive?: boolean;
  /** What is missing is as good as removed. */
  readonly force?: boolean;
}

/** Removes what `words` name. @throws {UsageError} before anything was attempted */
export async function runRm(words: readonly string[], options: RmOptions, run: Run): Promise<void> {
  // `rm -f $files` of a script that has none, as rm takes it.
  if (words.length === 0 && !options.force)
    throw new UsageError('an operand is missing', { hint: 'codexfs rm --help tells more' });
  const locations = await existingLocations(words, run);
  const isWanted = ({ failure }: FileLocation) => !options.force || !hasCode(failure, 'not_found');
  await forEachOperand(locations.filter(isWanted), run, async (typed, location) => {
    refuseDots(location.path, typed.fileSystem);
    const at = { ...typed, path: withoutTrailingSeparators(typed.path, typed.fileSystem) };
    const info = await infoOf(at, run);
    const isDirectory = info?.kind === 'directory' && !info.isSymlink;
    if (!isDirectory && at.path !== typed.path) {
      throw new FileError('not_directory', 'remove', typed.path, 'is not a directory');
    }
    if (isDirectory) await removeDirectory(at, options, run);
    else await removeEntry(at, options, run);
  });
}

/** Undefined where there is nothing, or a link that leads nowhere. */
async function infoOf({ fileSystem, path }: Endpoint, { signal }: Run): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(path, { signal });
  } catch (error) {
    if (hasCode(error, 'not_found', 'symlink_loop', 'not_directory')) return undefined;
    throw error;
  }
}

async function removeEntry(at: Endpoint, { force = false }: RmOptions, run: Run): Promise<void> {
  try {
    await abortable(at.fileSystem.remove(at.path, { recursive: false, force: false }), run.signal);
  } catch (error) {
    if (!force || !hasCode(error, 'not_found', 'not_directory')) throw error;
    return run.done();
  }
  tellRemoved(at, 'entry', run);
}

async function removeDirectory(at: Endpoint, { recursive = false }: RmOptions, run: Run): Promise<void> {
  if (!recursive) {
    throw new FileError('is_directory', 'remove', at.path, 'is a directory', { hint: 'add -r to remove it' });
  }
  await refuseRootAndWorkingDirectory(at, { signal: run.signal });
  const failedBefore = run.tally.failedCount;
  try {
    await removeTree(at, {
      signal: run.signal,
      isEntryByEntry: run.options.verbose,
      onRemoved: (removed, kind) => tellRemoved(removed, kind, run),
      onFailed: (left, error) => run.failed(error, left.shown),
    });
  } catch (error) {
    if (hasCode(error, 'cancelled')) run.note(`codexfs: rm: some of ${show(at.shown)} may be removed`);
    throw error;
  }
  const leftCount = run.tally.failedCount - failedBefore;
  if (leftCount === 0) return;
  // How much of it is gone nobody counted, but that is how a directory is that could be looked into.
  if (!run.options.verbose) run.done();
  const left = leftCount === 1 ? '1 entry is' : `${leftCount} entries are`;
  run.note(`codexfs: rm: ${show(at.shown)}: ${left} left, what else was in it is removed`);
}

function tellRemoved({ shown }: Endpoint, kind: 'directory' | 'entry', run: Run): void {
  if (run.options.verbose) run.note(`removed ${kind === 'directory' ? 'directory ' : ''}${show(shown)}`);
  void run.record({ type: 'removed', location: shown, kind });
  run.done();
}

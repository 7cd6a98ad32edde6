// What rm never removes, whatever the options: a root, a working directory, and what holds one.

import { CodexfsError, FileError } from '../../errors.js';
import type { FileSystem, OperationOptions } from '../../fs/FileSystem.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { usesBackslashes } from '../../transfer/plan.js';

/** @throws {FileError} `refused`, when `typed` ends in `.` or `..`, is a home directory, or has no name: what `fileSystem` is at, or a root */
export function refuseDots(typed: string, fileSystem: FileSystem): void {
  const path = withoutTrailingSeparators(typed, fileSystem);
  const name = path.split(separatorsOf(fileSystem)).at(-1) ?? '';
  if (!['', '.', '..'].includes(name) && path !== '~') return;
  throw refusal(typed, 'a root, a home, a working directory and what is above it are not removed');
}

/** @throws {FileError} `refused`, when the directory `at`, which is no link, is a root or holds its host's working directory */
export async function refuseRootAndWorkingDirectory(at: Endpoint, options: OperationOptions): Promise<void> {
  const { fileSystem, path } = at;
  const [real, workingDirectory] = await Promise.all([
    realPathOf(fileSystem, path, options),
    workingDirectoryOf(fileSystem, options),
  ]);
  if (fileSystem.dirname(real) === real) throw refusal(path, 'is the root of the file system');
  if (workingDirectory === undefined) return;
  for (let above = workingDirectory; ; above = fileSystem.dirname(above)) {
    if (above === real) throw refusal(path, 'is the working directory there, or holds it');
    if (above === fileSystem.dirname(above)) return;
  }
}

/** `path` without the separators at its end; a root becomes empty. */
export function withoutTrailingSeparators(path: string, fileSystem: FileSystem): string {
  const names = path.split(separatorsOf(fileSystem));
  const last = names.findLastIndex((name) => name !== '');
  return last < 0 ? '' : path.slice(0, names.slice(0, last + 1).join('/').length);
}

/** On POSIX a backslash may be part of a name. */
function separatorsOf(fileSystem: FileSystem): RegExp {
  return usesBackslashes(fileSystem) ? /[/\\]/ : /\//;
}

function refusal(path: string, message: string): FileError {
  return new FileError('refused', 'remove', path, message, { hint: 'name what is in it instead' });
}

/** The path with links followed, or as it is on a server that cannot say. */
async function realPathOf(fileSystem: FileSystem, path: string, options: OperationOptions): Promise<string> {
  try {
    return await fileSystem.canonicalize(path, options);
  } catch (error) {
    if (error instanceof CodexfsError && error.code === 'unsupported') return path;
    throw error;
  }
}

/** Undefined where the host does not say, or has none any more. */
async function workingDirectoryOf(fileSystem: FileSystem, options: OperationOptions): Promise<string | undefined> {
  try {
    return await fileSystem.canonicalize(fileSystem.resolve('.'), options);
  } catch (error) {
    const isGone = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (error instanceof FileError || isGone || (error instanceof CodexfsError && error.code === 'unsupported')) {
      return undefined;
    }
    throw error;
  }
}

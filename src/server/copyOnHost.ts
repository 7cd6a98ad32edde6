// `fs/copy`: a file, a symbolic link as a link, or a tree, within the served file system.

import { CodexfsError, FileError } from '../errors.js';
import type { FileIdentity } from '../fs/FileSystem.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import { limits } from '../protocol/limits.js';
import type { OwnInfo, ServedFileSystem } from './ServedFileSystem.js';

interface Identified {
  readonly identity: FileIdentity | undefined;
}

/**
 * Copies `from` to `to`. An existing directory `to` receives the entries of a directory `from`, not the directory itself.
 * @throws {CodexfsError} `invalid_request` for a directory without `recursive`, a directory into itself, and special files;
 *   `same_file` for a file onto itself, which is left as it is
 */
export async function copyOnHost(
  fileSystem: ServedFileSystem,
  from: string,
  to: string,
  options: { readonly recursive: boolean },
): Promise<void> {
  const source = await fileSystem.ownInfo(from);
  if (source.kind === 'directory') {
    if (!options.recursive) throw refusal('requires recursive: true when sourcePath is a directory');
    await refuseIntoItself(fileSystem, source, to);
  }
  await copyEntry(fileSystem, source, from, to);
}

async function copyEntry(fileSystem: ServedFileSystem, source: OwnInfo, from: string, to: string): Promise<void> {
  switch (source.kind) {
    case 'file':
      return copyFile(fileSystem, from, to);
    case 'symlink':
      return copyLink(fileSystem, source, from, to);
    case 'directory':
      return copyDirectory(fileSystem, from, to);
    case 'other':
      throw refusal('only supports regular files, directories, and symlinks');
  }
}

/** A file that is created gets the permission bits of its source, without the umask's and the special ones. */
async function copyFile(fileSystem: ServedFileSystem, from: string, to: string): Promise<void> {
  await using source = await fileSystem.openRead(from);
  const existing = await fileSystem.stat(to).catch(() => undefined);
  if (existing?.identity !== undefined && isSame({ identity: await source.identity() }, existing)) throw sameFile(to);
  const { mode = 0o666 } = await fileSystem.stat(from);
  await using destination = await fileSystem.openWrite(to, { createMode: mode & 0o777 });
  for (let offset = 0, eof = false; !eof; ) {
    const piece = await source.read(offset, limits.blockBytes);
    await destination.write(piece.bytes);
    offset += piece.bytes.length;
    eof = piece.eof;
    recycleChunk(piece.bytes);
  }
  await destination.close();
}

async function copyLink(fileSystem: ServedFileSystem, source: OwnInfo, from: string, to: string): Promise<void> {
  const existing = await infoIfThere(fileSystem, to);
  if (existing !== undefined && isSame(existing, source)) throw sameFile(to);
  await fileSystem.makeLink(await fileSystem.readLink(from), to);
}

async function copyDirectory(fileSystem: ServedFileSystem, from: string, to: string): Promise<void> {
  await fileSystem.makeDirectory(to, { recursive: true });
  for (const { name, problem } of await fileSystem.list(from)) {
    if (problem !== undefined) throw new CodexfsError('unsafe_name', `an entry cannot be copied: ${problem}`);
    const path = fileSystem.join(from, name);
    await copyEntry(fileSystem, await fileSystem.ownInfo(path), path, fileSystem.join(to, name));
  }
}

/** Looks at what of `to` exists and at everything above that, by what they are: names differ, directories do not. */
async function refuseIntoItself(fileSystem: ServedFileSystem, source: OwnInfo, to: string): Promise<void> {
  for (const path of ancestorsOf(fileSystem, await existingPartOf(fileSystem, to))) {
    const existing = await fileSystem.ownInfo(path).catch(() => undefined);
    if (existing !== undefined && isSame(source, existing)) {
      throw refusal('cannot copy a directory to itself or one of its descendants');
    }
  }
}

async function existingPartOf(fileSystem: ServedFileSystem, path: string): Promise<string> {
  for (const candidate of ancestorsOf(fileSystem, path)) {
    const canonical = await fileSystem.canonicalize(candidate).catch(() => undefined);
    if (canonical !== undefined) return canonical;
  }
  return path;
}

function* ancestorsOf(fileSystem: ServedFileSystem, path: string): Generator<string> {
  for (let current = path; ; current = fileSystem.dirname(current)) {
    yield current;
    if (fileSystem.dirname(current) === current) return;
  }
}

async function infoIfThere(fileSystem: ServedFileSystem, path: string): Promise<OwnInfo | undefined> {
  try {
    return await fileSystem.ownInfo(path);
  } catch (error) {
    if (error instanceof FileError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function isSame(one: Identified, other: Identified): boolean {
  return one.identity?.device === other.identity?.device && one.identity?.inode === other.identity?.inode;
}

function sameFile(path: string): FileError {
  return new FileError('same_file', 'copy', path, 'source and destination are the same file');
}

function refusal(text: string): CodexfsError {
  return new CodexfsError('invalid_request', `fs/copy ${text}`);
}

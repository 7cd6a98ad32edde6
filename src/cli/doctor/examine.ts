// What can be found out of a server by asking and trying: facts, and no judgement of them.

import { createHash } from 'node:crypto';
import { CodexfsError, FileError, hasCode } from '../../errors.js';
import type { RemoteFileSystem } from '../../fs/RemoteFileSystem.js';
import { limits } from '../../protocol/limits.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import {
  countHandles,
  type HandlesFound,
  measureDownload,
  measureLatency,
  measureUpload,
  type Speed,
} from './measure.js';
import { Scratch } from './Scratch.js';

export interface Findings {
  readonly kind: 'exec-server' | 'app-server';
  readonly version: string | undefined;
  readonly platform: string | undefined;
  /** Absolute paths in the server's own form; undefined where it does not say. */
  readonly workingDirectory: string | undefined;
  readonly homeDirectory: string | undefined;
  readonly dialects: RemoteFileSystem['dialects'];
  readonly latencyMs: number;
  /** What was tried with a file; undefined where none could be made, which `scratchProblem` explains. */
  readonly tried: Tried | undefined;
  readonly scratchProblem: string | undefined;
}

export interface Tried {
  readonly upload: Speed;
  readonly download: Speed;
  /** Undefined where files are read as a whole. */
  readonly handles: HandlesFound | undefined;
  /** Whether the server says how long a file is. */
  readonly knowsSizes: boolean;
  /** Whether it copies a file by itself. */
  readonly copiesFiles: boolean;
  /** What programs on the server did: told the SHA-256, which was right, and the permission bits. */
  readonly hashes: boolean;
  readonly tellsModes: boolean;
}

export interface ExamineOptions {
  /** Where the file for the measurements goes; a place of the server's own by default. */
  readonly directory: string | undefined;
  readonly signal: AbortSignal;
}

/** Examines `fileSystem`, and leaves nothing there. @throws {CodexfsError} when the connection ends, or `signal` aborts */
export async function examine(fileSystem: RemoteFileSystem, options: ExamineOptions): Promise<Findings> {
  const { server } = fileSystem;
  const workingDirectory = resolved(fileSystem, '.');
  const homeDirectory = resolved(fileSystem, '~');
  const directories =
    options.directory === undefined
      ? [...(server.platformOs === 'windows' ? [] : ['/tmp']), workingDirectory, homeDirectory].flatMap(
          (path) => path ?? [],
        )
      : [options.directory];
  const latencyMs = await measureLatency(fileSystem, workingDirectory ?? directories[0] ?? '/', options);
  const outcome = await tryWithFile(fileSystem, directories, options);
  return {
    kind: server.kind,
    version: server.version,
    platform: server.platformOs,
    workingDirectory,
    homeDirectory,
    // As they are now: what a server turned out not to have is no longer among them.
    dialects: fileSystem.dialects,
    latencyMs,
    tried: outcome instanceof CodexfsError ? undefined : outcome,
    scratchProblem: outcome instanceof CodexfsError ? outcome.message : undefined,
  };
}

function resolved(fileSystem: RemoteFileSystem, path: string): string | undefined {
  try {
    return fileSystem.resolve(path);
  } catch (error) {
    if (hasCode(error, 'unsupported')) return undefined;
    throw error;
  }
}

/** What came of it, or why no file could be made. */
async function tryWithFile(
  fileSystem: RemoteFileSystem,
  directories: readonly string[],
  options: ExamineOptions,
): Promise<Tried | CodexfsError> {
  let scratch: Scratch;
  try {
    scratch = await Scratch.make(fileSystem, directories, options);
  } catch (error) {
    if (error instanceof FileError || hasCode(error, 'unsupported')) return error;
    throw error;
  }
  await using file = scratch;
  const end: Endpoint = { fileSystem, path: file.path, shown: file.path, host: '' };
  const isWhole = fileSystem.dialects.write === 'buffered';
  const upload = await measureUpload(end, isWhole ? limits.bufferedClientWriteBytes : Infinity, options);
  const download = await measureDownload(end, options);
  const { sizeBytes } = await fileSystem.stat(file.path, options);
  const copiesFiles = await copies(fileSystem, file, options);
  const programs = await tryPrograms(fileSystem, file, options);
  const isReadWhole = fileSystem.dialects.read === 'buffered';
  const handles = isReadWhole ? undefined : await countHandles(fileSystem, file.path, options);
  return { upload, download, handles, knowsSizes: sizeBytes !== undefined, copiesFiles, ...programs };
}

async function copies(fileSystem: RemoteFileSystem, file: Scratch, options: ExamineOptions): Promise<boolean> {
  try {
    await fileSystem.copyWithin(file.path, file.copyPath, options);
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

/** With one byte as the file, whose hash is known beforehand. */
async function tryPrograms(
  fileSystem: RemoteFileSystem,
  { path }: Scratch,
  options: ExamineOptions,
): Promise<{ readonly hashes: boolean; readonly tellsModes: boolean }> {
  const byte = Buffer.from('x');
  const handle = await fileSystem.openWrite(path, { ...options, sizeBytes: byte.length });
  const expected = createHash('sha256').update(byte).digest('hex');
  await handle.write(byte);
  await handle.close();
  const [hashes, modes] = await Promise.all([
    fileSystem.hashFiles([path], options),
    fileSystem.readModes([path], options),
  ]);
  return { hashes: hashes.get(path) === expected, tellsModes: modes.has(path) };
}

// The registry of a run: what the command line and the environment define, and the files of remotes, which are read only if wanted.

import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import { Registry, type RegistrySources, type RemotesFile } from './registry.js';

export interface LoadOptions extends Omit<RegistrySources, 'files'> {
  /** Whether a name may have to be found; else the files are not touched. */
  readonly isNameWanted: boolean;
  /** Hears what is odd in the files and does no harm, a line each. */
  readonly warn: (line: string) => void;
}

/** @throws {UsageError} when a definition or a file is wrong */
export async function loadRegistry({ isNameWanted, warn, ...sources }: LoadOptions): Promise<Registry> {
  if (!isNameWanted) return new Registry(sources);
  const files: RemotesFile[] = [];
  for (const { path, mustExist } of filesOfRemotes(sources.env)) {
    const file = await load(path, warn);
    if (file !== undefined) files.push(file);
    else if (mustExist) throw new UsageError(`cannot read ${path}: no such file`, { hint: 'CODEXFS_CONFIG names it' });
  }
  return new Registry({ ...sources, files });
}

/** Where remotes are defined in files, the most important first. */
export function filesOfRemotes(env: RegistrySources['env']): { readonly path: string; readonly mustExist: boolean }[] {
  const home = () => given(env.HOME) ?? homedir();
  const config = given(env.CODEXFS_CONFIG);
  const configHome = given(env.XDG_CONFIG_HOME) ?? join(home(), '.config');
  const codexHome = given(env.CODEX_HOME) ?? join(home(), '.codex');
  return [
    { path: config ?? join(configHome, 'codexfs', 'config.toml'), mustExist: config !== undefined },
    { path: join(codexHome, 'environments.toml'), mustExist: false },
  ];
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

async function load(path: string, warn: LoadOptions['warn']): Promise<RemotesFile | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const { parseEnvironments } = await import('./environmentsToml.js');
  const file = parseEnvironments(text, path, dirname(path));
  for (const warning of file.warnings) warn(warning);
  await warnOfAccess(path, file, warn);
  return file;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const error = fileErrorFrom(cause, 'read', path);
    if (error.code === 'not_found' || error.code === 'not_directory') return undefined;
    throw new UsageError(`cannot read ${path}: ${error.message}`, { cause });
  }
}

/** Others who can read the file know its tokens; others who can change it or its folder choose which programs are run. */
async function warnOfAccess(path: string, { remotes }: RemotesFile, warn: LoadOptions['warn']): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = dirname(path);
  const [fileMode, folderMode] = [(await stat(path)).mode, (await stat(folder)).mode];
  if (remotes.some(({ token }) => token !== undefined) && (fileMode & 0o044) !== 0 && (folderMode & 0o011) !== 0) {
    warn(`${path} holds a token and can be read by other users (chmod 600 would stop that)`);
  }
  for (const [place, mode] of [
    [path, fileMode],
    [folder, folderMode],
  ] as const) {
    if ((mode & 0o002) !== 0) warn(`${place} can be changed by other users (chmod o-w would stop that)`);
  }
}

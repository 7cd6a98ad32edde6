// Remotes and paths for completion: names from the registry, entries of one directory, here or on a remote.

import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { parseLocation } from '../../remotes/Location.js';
import type { Registry, RemoteSpec } from '../../remotes/registry.js';
import { urlRemote } from '../../remotes/registry.js';

/** Where remote names and paths come from, both asked only if need be. */
export interface Places {
  readonly registry: () => Promise<Registry>;
  /** Connects and lists the directory that `path` names there. */
  readonly list: (remote: RemoteSpec, directory: string) => Promise<readonly Entry[]>;
}

export interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

export async function remoteNames({ registry }: Places): Promise<string[]> {
  return (await registry()).remotes.map(({ name }) => name);
}

/** The candidates for a word that names a place on a remote; undefined for any other word. */
export async function remotePaths(current: string, { registry, list }: Places): Promise<string[] | undefined> {
  const location = parseLocation(current === '' ? '.' : current);
  if (location.kind !== 'remote' && location.kind !== 'url') return undefined;
  const remote =
    location.kind === 'url' ? urlRemote(location.url) : (await registry()).find(location.remote, location.word);
  // A URL without a path has its port typed still.
  if (location.kind === 'url' && !/^[^:]*:\/\/[^/]*\//.test(current)) return [];
  const [, directory = '', begun = ''] = /^(.*\/)?([^/]*)$/s.exec(location.path) ?? [];
  const prefix = current.slice(0, current.length - begun.length);
  return candidatesOf(await list(remote, directory), begun, prefix);
}

export async function localPaths(current: string): Promise<string[]> {
  const [, directory = '', begun = ''] = /^(.*\/)?([^/]*)$/s.exec(current) ?? [];
  const place = directory === '' ? '.' : directory.replace(/^~\//, `${homedir()}/`);
  const entries = await readdir(place, { withFileTypes: true });
  const known = await Promise.all(
    entries.map(async (entry) => {
      const isDirectory = entry.isSymbolicLink() ? await isLinkToDirectory(place, entry.name) : entry.isDirectory();
      return { name: entry.name, isDirectory };
    }),
  );
  return candidatesOf(known, begun, directory);
}

async function isLinkToDirectory(place: string, name: string): Promise<boolean> {
  return stat(`${place}/${name}`).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A directory goes on behind its slash. Hidden names are for who types the dot. No word of a shell's list can hold a line end. */
function candidatesOf(entries: readonly Entry[], begun: string, prefix: string): string[] {
  return entries
    .filter(({ name }) => name.startsWith(begun) && (begun.startsWith('.') || !name.startsWith('.')))
    .filter(({ name }) => !/[\p{Cc}]/u.test(name))
    .map(({ name, isDirectory }) => `${prefix}${name}${isDirectory ? '/' : ' '}`)
    .sort();
}

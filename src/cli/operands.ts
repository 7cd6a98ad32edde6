// From a location to the end of a copy that it names: the file system, connected, and the path on it.

import { lstatSync } from 'node:fs';
import { CodexfsError, UsageError } from '../errors.js';
import { LocalFileSystem } from '../fs/LocalFileSystem.js';
import { type Location, parseLocation } from '../remotes/Location.js';
import { type Registry, type RemoteSpec, urlRemote } from '../remotes/registry.js';
import type { Endpoint } from '../transfer/Endpoint.js';
import { expandGlob, type GlobMatch, looksLikePattern } from '../transfer/glob.js';
import { mapInParallel } from '../transfer/inParallel.js';
import { hostKeyOf } from './Connections.js';
import type { Run } from './Run.js';

/** A location with its pattern expanded, if it was one. */
export type Operand = Location & {
  /** Why it stands for nothing: its pattern matches nothing, or cannot be looked for. `endpointOf` throws it. */
  readonly failure?: CodexfsError | undefined;
  /** The names that lead to it from what it was listed for, by --files-from. */
  readonly listed?: readonly string[] | undefined;
};

/** An operand that names a file and not a stream. */
export type FileLocation = Exclude<Operand, { readonly kind: 'stream' }>;

/** How many patterns are expanded at a time. */
const expansionsInFlight = 8;

const thisHost = new LocalFileSystem();
const thisHostKey = 'this host';

/** `words` as locations whose remotes exist; nothing is connected yet. @throws {UsageError} */
export function parseLocations(words: readonly string[], registry: Registry): Location[] {
  const locations = words.map(parseLocation);
  for (const location of locations) {
    refuseRemoteNameAsPath(location, registry);
    remoteOf(location, registry);
  }
  return locations;
}

/** `cp a devbox` would otherwise make a local file of that name, and `ls devbox` not see what was meant. */
function refuseRemoteNameAsPath({ kind, word }: Location, registry: Registry): void {
  if (kind !== 'local' || !registry.has(word)) return;
  if (lstatSync(word, { throwIfNoEntry: false }) !== undefined) return;
  throw new UsageError(`\`${word}\` is a remote, and a path on it needs a colon`, {
    hint: `did you mean \`${word}:\`? for a local file of that name write ./${word}`,
  });
}

/** The remote that `location` is on; undefined for this host. @throws {UsageError} when there is none of that name */
export function remoteOf(location: Location, registry: Registry): RemoteSpec | undefined {
  if (location.kind === 'remote') return registry.find(location.remote, location.word);
  return location.kind === 'url' ? urlRemote(location.url) : undefined;
}

/** Equal for two locations exactly when they are reached in one way. */
export function hostOf(location: Location, registry: Registry): string {
  const spec = remoteOf(location, registry);
  return spec === undefined ? thisHostKey : hostKeyOf(spec);
}

/** Begins to connect to every remote of `locations`, so that several are reached in the time of the slowest. */
export function connectAhead(locations: readonly Location[], run: Run): void {
  for (const location of locations) {
    const spec = remoteOf(location, run.registry);
    if (spec !== undefined) void run.connections.open(spec).catch(() => {});
  }
}

/**
 * `locations` with the patterns in remote paths expanded, which a shell cannot do for them. One that matches nothing stays, with
 * its failure: a command meets that where it meets the other failures of the location. Connects where there is a pattern.
 * @throws {CodexfsError} when it is interrupted
 */
export async function expandLocations(locations: readonly FileLocation[], run: Run): Promise<FileLocation[]> {
  if (!run.options.glob) return [...locations];
  const expanded = await mapInParallel(locations, expansionsInFlight, (location) => expandLocation(location, run));
  return expanded.flat();
}

async function expandLocation(location: FileLocation, run: Run): Promise<FileLocation[]> {
  if (location.kind === 'local' || !looksLikePattern(location.path)) return [location];
  const spec = remoteOf(location, run.registry);
  if (spec === undefined) return [location];
  try {
    const matches = await expandGlob(await run.connections.open(spec), location.path, { signal: run.signal });
    return matches.map((match) => matched(location, match));
  } catch (failure) {
    run.signal.throwIfAborted();
    if (failure instanceof CodexfsError) return [{ ...location, failure }];
    throw failure;
  }
}

function matched(location: Exclude<FileLocation, { kind: 'local' }>, { path, error }: GlobMatch): FileLocation {
  const isUrl = location.kind === 'url';
  const start = location.word.slice(0, isUrl ? location.url.length : location.word.indexOf(':') + 1);
  return { ...location, path, word: start + (isUrl ? encodeURI(path) : path), failure: error };
}

/** `location` as an Endpoint; connects if need be. @throws {ConnectError | UsageError} and what makes its pattern fail */
export async function endpointOf(location: FileLocation, run: Run): Promise<Endpoint> {
  if (location.failure !== undefined) throw location.failure;
  const spec = remoteOf(location, run.registry);
  const { path, word: shown } = location;
  if (spec === undefined) return { fileSystem: thisHost, path, shown, host: thisHostKey };
  const fileSystem = await run.connections.open(spec);
  return { fileSystem, path: fileSystem.resolve(path), shown, host: hostKeyOf(spec) };
}

/** `to` for a tree that is copied below it: on this host no link there is followed. Its new file system is the caller's to dispose of. */
export async function confined(to: Endpoint): Promise<Endpoint & AsyncDisposable> {
  if (to.host !== thisHostKey) return { ...to, async [Symbol.asyncDispose]() {} };
  const { ConfinedFileSystem } = await import('../fs/ConfinedFileSystem.js');
  const fileSystem = new ConfinedFileSystem(to.path);
  return { ...to, fileSystem, [Symbol.asyncDispose]: () => fileSystem[Symbol.asyncDispose]() };
}

/** @throws {UsageError} unless `location` is a file: `command` has no use for a standard stream */
export function asFileLocation(location: Location, command: string): FileLocation {
  if (location.kind !== 'stream') return location;
  throw new UsageError(`${command} takes locations, and - is a stream`, { hint: 'write ./- for a file called -' });
}

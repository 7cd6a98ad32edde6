// From a location to the end of a copy that it names: the file system, connected, and the path on it.

import { UsageError } from '../errors.js';
import { LocalFileSystem } from '../fs/LocalFileSystem.js';
import { type Location, parseLocation } from '../remotes/Location.js';
import { type Registry, type RemoteSpec, urlRemote } from '../remotes/registry.js';
import type { Endpoint } from '../transfer/Endpoint.js';
import { hostKeyOf } from './Connections.js';
import type { Run } from './Run.js';

/** A location that names a file and not a stream. */
export type FileLocation = Exclude<Location, { readonly kind: 'stream' }>;

const thisHost = new LocalFileSystem();
const thisHostKey = 'this host';

/** `words` as locations whose remotes exist; nothing is connected yet. @throws {UsageError} */
export function parseLocations(words: readonly string[], registry: Registry): Location[] {
  const locations = words.map(parseLocation);
  for (const location of locations) remoteOf(location, registry);
  return locations;
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

/** `location` as an Endpoint; connects if need be. @throws {ConnectError | UsageError} */
export async function endpointOf(location: FileLocation, run: Run): Promise<Endpoint> {
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

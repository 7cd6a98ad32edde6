// The frame of a command about paths: each location in turn, connected to ahead, and a failure of one does not stop the rest.

import type { Endpoint } from '../transfer/Endpoint.js';
import {
  asFileLocation,
  connectAhead,
  endpointOf,
  expandLocations,
  type FileLocation,
  parseLocations,
} from './operands.js';
import type { Run } from './Run.js';

/** `words` as locations of files, which are being connected to. @throws {UsageError} before anything was attempted */
export function fileLocations(words: readonly string[], run: Run): FileLocation[] {
  const locations = parseLocations(words, run.registry).map((location) => asFileLocation(location, run.command));
  connectAhead(locations, run);
  return locations;
}

/** The same with the patterns in remote paths expanded. @throws {UsageError} before anything was attempted */
export function existingLocations(words: readonly string[], run: Run): Promise<FileLocation[]> {
  return expandLocations(fileLocations(words, run), run);
}

/** Does `work` at each of `locations`, in order, and tells what fails. @throws what is no failure of one item */
export async function forEachOperand(
  locations: readonly FileLocation[],
  run: Run,
  work: (at: Endpoint, location: FileLocation) => Promise<void>,
): Promise<void> {
  for (const location of locations) {
    run.signal.throwIfAborted();
    try {
      await work(await endpointOf(location, run), location);
    } catch (error) {
      run.failed(error, location.word);
    }
  }
}

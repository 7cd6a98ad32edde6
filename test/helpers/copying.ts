// Copies between simulated file systems, and the checks that every copy must pass however it ended.

import * as assert from 'uvu/assert';
import type { FileSystem } from '../../src/fs/FileSystem.js';
import { type Endpoint, TransferError } from '../../src/transfer/Endpoint.js';
import type { SimulatedDisk } from './simulatedDisk.js';
import { type Behaviour, SimulatedFileSystem } from './simulatedFileSystem.js';

export function endpoint(fileSystem: FileSystem, path: string, host: string): Endpoint {
  return { fileSystem, path, shown: `${host}:${path}`, host };
}

/** A disk behind a server of its own. */
export function serverOf(disk: SimulatedDisk, host: string, behaviour: Behaviour = {}) {
  const system = new SimulatedFileSystem(disk, behaviour);
  return { disk, system, at: (path: string) => endpoint(system, path, host) };
}

/** The failure of `copying`, which must be one that a user can be told of. */
export async function failureOf(copying: Promise<unknown>): Promise<TransferError> {
  try {
    await copying;
  } catch (error) {
    if (error instanceof TransferError) return error;
    throw error;
  }
  throw new Error('the copy succeeded');
}

/** What the report of `error` must mean for the destination, which held `before` and holds `after`. */
export function checkReport(
  error: TransferError,
  content: Buffer,
  before: Buffer | undefined,
  after: Buffer | undefined,
): void {
  const { partial } = error;
  if (partial === undefined || partial.state === 'intact') {
    assert.ok(isEqual(before, after), `the destination changed and nothing is said of it (${error.code})`);
    return;
  }
  if (partial.state === 'partial') {
    assert.ok(isEqual(after, content.subarray(0, partial.bytes)), `not the first ${partial.bytes} bytes`);
    assert.is(after?.length, partial.bytes);
    return;
  }
  assert.ok(isEqual(before, after) || (after?.length ?? 0) <= partial.bytes, `more than ${partial.bytes} bytes`);
}

/** Nothing open and nothing under way on any of `systems`. */
export function checkAtRest(...systems: SimulatedFileSystem[]): void {
  for (const system of systems) {
    assert.is(system.callsInFlight, 0, `calls in flight after ${system.log.join(', ')}`);
    assert.is(system.openHandles, 0, `open handles after ${system.log.join(', ')}`);
  }
}

function isEqual(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

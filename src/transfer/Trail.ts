// What one attempt to copy a file leaves for the next one: what it has written, and how it can be known that this still stands.

import type { FileInfo, HandleInfo } from '../fs/FileSystem.js';
import type { Endpoint, PartialFile } from './Endpoint.js';

/** A destination as an attempt left it, with the source whose beginning it is. */
interface Step {
  readonly source: HandleInfo;
  readonly to: FileInfo;
  readonly bytes: number;
}

export class Trail {
  #source: HandleInfo | undefined;
  #last: Step | undefined;

  /** Whether an attempt has left something that could be gone on with. */
  get hasStep(): boolean {
    return this.#last !== undefined;
  }

  /** An attempt has opened the source. */
  begin(source: HandleInfo): void {
    this.#source = source;
  }

  /** An attempt has ended and left `partial`. Never rejects. */
  async leave(to: Endpoint, partial: PartialFile | undefined): Promise<void> {
    // An attempt that never opened the destination has left it as it was.
    if (partial === undefined || partial.state === 'intact') return;
    this.#last = undefined;
    const source = this.#source;
    if (source === undefined || partial.state !== 'partial' || partial.bytes === 0) return;
    if (to.fileSystem.openAppend === undefined) return;
    const info = await to.fileSystem.stat(to.path).catch(() => undefined);
    if (info?.sizeBytes === partial.bytes) this.#last = { source, to: info, bytes: partial.bytes };
  }

  /**
   * How many bytes of `source` are in `to` for sure: those that were written by an attempt, when neither the source's size and
   * time nor anything about the destination have changed since. Undefined where that cannot be said without a comparison.
   */
  async presentBytes(source: HandleInfo, to: Endpoint): Promise<number | undefined> {
    const last = this.#last;
    if (last === undefined || !isSameSource(source, last.source)) return undefined;
    const info = await to.fileSystem.stat(to.path).catch(() => undefined);
    return info !== undefined && isUntouched(info, last.to) ? last.bytes : undefined;
  }
}

/** A size or a time that the server does not tell shows nothing. */
function isSameSource(now: HandleInfo, before: HandleInfo): boolean {
  if (now.sizeBytes === undefined || !now.modifiedAtMs) return false;
  return now.sizeBytes === before.sizeBytes && now.modifiedAtMs === before.modifiedAtMs;
}

function isUntouched(now: FileInfo, before: FileInfo): boolean {
  const isSameFile = now.identity?.inode === before.identity?.inode && now.identity?.device === before.identity?.device;
  return isSameFile && now.sizeBytes === before.sizeBytes && now.modifiedAtMs === before.modifiedAtMs;
}

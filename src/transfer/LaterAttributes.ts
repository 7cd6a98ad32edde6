// The attributes of a run's copies that take a program on a server: gathered, and asked for and set for many files at a time.

import { CodexfsError } from '../errors.js';
import type { FileAttributes, FileSystem } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import { type Attribute, permissionBits, setAtOnce } from './attributes.js';
import type { Endpoint } from './Endpoint.js';

/** One attribute that the copy `to` is to have of `from`. */
export interface LaterAttribute {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly attribute: Attribute;
  /** What it is, if that is known; else only the server of `from` can tell. */
  readonly attributes: FileAttributes | undefined;
}

export class LaterAttributes {
  readonly #signal: AbortSignal | undefined;
  #waiting: LaterAttribute[] = [];
  #settling: Promise<void> = Promise.resolve();
  /** In how many files each attribute could not be kept. */
  readonly #unkept = new Map<Attribute, number>();

  /** With an aborted `signal` nothing is set any more, and what waits counts as not kept. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Notes `item`; resolves when there is room for more. */
  async add(item: LaterAttribute): Promise<void> {
    this.#waiting.push(item);
    if (this.#waiting.length >= limits.attributesKept) await this.#settle();
  }

  /** Sets what is noted. Resolves with how many files lack which attribute of all so far. */
  async finish(): Promise<ReadonlyMap<Attribute, number>> {
    await this.#settle();
    return this.#unkept;
  }

  #settle(): Promise<void> {
    const items = this.#waiting;
    this.#waiting = [];
    this.#settling = this.#settling.then(() => this.#set(items));
    return this.#settling;
  }

  async #set(items: readonly LaterAttribute[]): Promise<void> {
    const known = await this.#withModes(items);
    for (const [fileSystem, group] of groupedBy(known, ({ to }) => to.fileSystem)) {
      const areKept = await this.#orNothing(() => setAll(fileSystem, group));
      group.forEach(({ attribute }, index) => {
        if (!areKept?.[index]) this.#countUnkept(attribute);
      });
    }
  }

  /** `items` with the modes that their sources' servers tell; those without one are counted and left out. */
  async #withModes(items: readonly LaterAttribute[]): Promise<Settable[]> {
    const settable: Settable[] = [];
    for (const [fileSystem, group] of groupedBy(items, ({ from }) => from.fileSystem)) {
      const asked = group.filter(({ attributes }) => attributes === undefined).map(({ from }) => from.path);
      const modes = asked.length === 0 ? undefined : await this.#orNothing(async () => fileSystem.readModes?.(asked));
      for (const { from, to, attribute, attributes } of group) {
        const mode = modes?.get(from.path);
        if (attributes !== undefined) settable.push({ to, attribute, attributes });
        else if (mode === undefined) this.#countUnkept(attribute);
        else settable.push({ to, attribute, attributes: { mode: mode & permissionBits } });
      }
    }
    return settable;
  }

  /** The files are in place: that a server can no longer be asked is no failure of theirs. */
  async #orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#signal?.aborted) return undefined;
    try {
      return await work();
    } catch (error) {
      if (error instanceof CodexfsError) return undefined;
      throw error;
    }
  }

  #countUnkept(attribute: Attribute): void {
    this.#unkept.set(attribute, (this.#unkept.get(attribute) ?? 0) + 1);
  }
}

interface Settable {
  readonly to: Endpoint;
  readonly attribute: Attribute;
  readonly attributes: FileAttributes;
}

/** Sets what `items` say, which are all of `fileSystem`; resolves with whether each could be. */
async function setAll(fileSystem: FileSystem, items: readonly Settable[]): Promise<boolean[]> {
  if (fileSystem.setManyAttributes === undefined) {
    const areKept: boolean[] = [];
    for (const { to, attributes } of items) areKept.push(await setAtOnce(to, attributes));
    return areKept;
  }
  const changes = items.map(({ to, attributes }) => ({ path: to.path, attributes }));
  const outcomes = await fileSystem.setManyAttributes(changes);
  return items.map((_, index) => outcomes[index]?.length === 0);
}

function groupedBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

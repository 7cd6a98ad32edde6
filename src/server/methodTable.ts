// All that one session answers, put together from the dialects that are offered.

import { type Handlers, Router } from '../rpc/Router.js';
import { blocksMethods, blocksTable } from './blocksMethods.js';
import { bufferedMethods } from './bufferedMethods.js';
import type { Call } from './Call.js';
import { companionMethods } from './companionMethods.js';
import { type Dialect, environmentInfo, type ServedPlace } from './environment.js';
import { handlesMethods, handlesTable } from './handlesMethods.js';
import type { ServedFileSystem } from './ServedFileSystem.js';

export interface Served {
  readonly fileSystem: ServedFileSystem;
  readonly dialects: readonly Dialect[];
  readonly place: ServedPlace;
}

/** The methods of one session and the files that it holds open. */
export class MethodTable {
  readonly router: Router<Call>;
  readonly #handles = handlesTable();
  readonly #blocks = blocksTable();

  constructor({ fileSystem, dialects, place }: Served) {
    const offered: Record<Dialect, () => Handlers<Call>> = {
      handles: () => handlesMethods(fileSystem, this.#handles),
      blocks: () => blocksMethods(fileSystem, this.#blocks),
      buffered: () => bufferedMethods(fileSystem),
    };
    this.router = new Router<Call>({
      'environment/info': () => environmentInfo(place, dialects),
      ...companionMethods(fileSystem),
      ...Object.assign({}, ...dialects.map((dialect) => offered[dialect]())),
    });
  }

  /** Handles that are opening, open or closing. */
  get openHandles(): number {
    return this.#handles.size + this.#blocks.size;
  }

  /** Closes every handle; resolves when no file is open. */
  async end(): Promise<void> {
    await Promise.all([this.#handles.end(), this.#blocks.end()]);
  }
}

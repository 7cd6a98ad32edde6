// One connection for each remote of a run, made when it is first needed, shared by all operands, and closed at the end.

import type { RemoteFileSystem } from '../fs/RemoteFileSystem.js';
import type { ConnectOptions } from '../remotes/connect.js';
import type { RemoteSpec } from '../remotes/registry.js';
import { settleWithin } from '../transfer/settle.js';

/** Milliseconds that the servers have to say goodbye; a child that does not listen is killed when the process exits. */
const closeMs = 1_500;

export class Connections implements AsyncDisposable {
  readonly #options: ConnectOptions;
  readonly #onConnected: (spec: RemoteSpec, fileSystem: RemoteFileSystem) => void;
  readonly #opening = new Map<string, Promise<RemoteFileSystem>>();

  constructor(options: ConnectOptions, onConnected: (spec: RemoteSpec, fileSystem: RemoteFileSystem) => void) {
    this.#options = options;
    this.#onConnected = onConnected;
  }

  /** The connection to `spec`: two names of one address share it. A failure is remembered and not tried again. */
  open(spec: RemoteSpec): Promise<RemoteFileSystem> {
    const key = hostKeyOf(spec);
    const known = this.#opening.get(key);
    if (known !== undefined) return known;
    const opening = this.#connect(spec);
    // Several remotes are connected to at a time, so one may fail before it is asked for.
    opening.catch(() => {});
    this.#opening.set(key, opening);
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = [...this.#opening.values()].map(async (opening) => (await opening).close());
    await settleWithin(Promise.allSettled(closing), closeMs);
  }

  async #connect(spec: RemoteSpec): Promise<RemoteFileSystem> {
    const { connectRemote } = await import('../remotes/connect.js');
    const fileSystem = await connectRemote(spec, this.#options);
    this.#onConnected(spec, fileSystem);
    return fileSystem;
  }
}

/** Equal for two remotes exactly when they are reached in one way: a token may be all that tells two servers apart. Not for people. */
export function hostKeyOf({ target, token }: RemoteSpec): string {
  return target.kind === 'webSocket' ? `${target.url} ${token?.reveal() ?? ''}` : JSON.stringify(target.command);
}

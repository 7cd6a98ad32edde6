// One connection for each remote of a run, made when it is first needed, shared by all operands, and closed at the end.

import type { RemoteFileSystem } from '../fs/RemoteFileSystem.js';
import type { ConnectOptions } from '../remotes/connect.js';
import type { RetryNews } from '../remotes/Reconnector.js';
import type { RemoteSpec } from '../remotes/registry.js';
import { settleWithin } from '../transfer/settle.js';

/** Milliseconds that the servers have to say goodbye; a child that does not listen is killed when the process exits. */
const closeMs = 1_500;

/** Who hears of what becomes of the connections. */
export interface ConnectionsListener {
  connected(spec: RemoteSpec, fileSystem: RemoteFileSystem): void;
  /** A connection will be tried again. */
  retrying(spec: RemoteSpec, news: RetryNews): void;
}

export class Connections implements AsyncDisposable {
  readonly #options: ConnectOptions;
  readonly #listener: ConnectionsListener;
  readonly #opening = new Map<string, Promise<RemoteFileSystem>>();

  constructor(options: ConnectOptions, listener: ConnectionsListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The connection to `spec`: two names of one address share it. A first failure is remembered; a connection that is lost later is made again. */
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
    const { retry } = this.#options;
    const onRetry = (news: RetryNews) => this.#listener.retrying(spec, news);
    const options = retry === undefined ? {} : { retry: { ...retry, onRetry } };
    const fileSystem = await connectRemote(spec, { ...this.#options, ...options });
    this.#listener.connected(spec, fileSystem);
    return fileSystem;
  }
}

/** Equal for two remotes exactly when they are reached in one way: a token may be all that tells two servers apart. Not for people. */
export function hostKeyOf({ target, token }: RemoteSpec): string {
  return target.kind === 'webSocket' ? `${target.url} ${token?.reveal() ?? ''}` : JSON.stringify(target.command);
}

// The table of one session's open files by the IDs that its client chose. An ID is reserved before anything is awaited and
// freed only when its file is closed; the operations of one handle run one at a time in the order they came.

import { CodexfsError } from '../errors.js';
import type { PositionalWriteHandle } from '../fs/FileSystem.js';
import type { ServedReadHandle } from './ServedFileSystem.js';

/** What a handle of each kind stands for. */
export interface FileOf {
  readonly read: ServedReadHandle;
  readonly write: PositionalWriteHandle;
}
export type HandleKind = keyof FileOf;

interface Operation<File> {
  run(file: File): Promise<Outcome>;
  settle(outcome: Outcome): void;
}
type Outcome = { readonly value: unknown } | { readonly error: unknown };

type HandleState<File> =
  | { readonly phase: 'opening'; readonly opening: Promise<File> }
  | { readonly phase: 'open'; readonly file: File; readonly active: Promise<unknown> | undefined }
  /** After a failure, operations that come meanwhile wait to be refused behind it; otherwise they are refused at once. */
  | { readonly phase: 'closing'; readonly hasFailed: boolean; readonly closed: Promise<void> };

interface Entry<Kind extends HandleKind = HandleKind> {
  readonly id: string;
  readonly kind: Kind;
  state: HandleState<FileOf[Kind]>;
  /** Operations that have not started, in order. */
  queue: Operation<FileOf[Kind]>[];
}

export class FileHandles {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  #isEnded = false;

  /** A table of at most `limit` handles that are opening, open or closing. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Handles that are opening, open or closing. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Reserves `id` at once, then opens. Operations may be queued on it from now on.
   * @throws {CodexfsError} `invalid_request` for an ID in use, `limit_exceeded` for one too many, both before `openFile` is called
   */
  async open<Kind extends HandleKind>(
    id: string,
    kind: Kind,
    openFile: () => Promise<FileOf[Kind]>,
  ): Promise<FileOf[Kind]> {
    this.#refuseUnlessFree(id);
    const opening = openFile();
    const entry: Entry<Kind> = { id, kind, state: { phase: 'opening', opening }, queue: [] };
    this.#entries.set(id, entry as unknown as Entry);
    try {
      const file = await opening;
      if (entry.state.phase !== 'opening') throw closedWhileOpening(id);
      entry.state = { phase: 'open', file, active: undefined };
      this.#advance(entry);
      return file;
    } catch (error) {
      if (entry.state.phase === 'opening') this.#drop(entry);
      throw error;
    }
  }

  /**
   * Runs `work` on the open file after all earlier operations of this handle. If it fails, the handle is closed first.
   * @throws {CodexfsError} `unknown_handle` when there is none or it was closed before `work` could start, `invalid_request` for the wrong kind
   */
  async run<Kind extends HandleKind, T>(id: string, kind: Kind, work: (file: FileOf[Kind]) => Promise<T>): Promise<T> {
    const entry = this.#find(id, kind);
    return new Promise<T>((resolve, reject) => {
      entry.queue.push({
        run: (file) =>
          work(file).then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          ),
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value as T)),
      });
      this.#advance(entry);
    });
  }

  /**
   * Waits for the running operation, refuses the queued ones, closes the file and frees the ID. An unknown ID is no error.
   * @throws {CodexfsError} what closing the file failed with; the handle is gone all the same
   */
  async close(id: string, kind?: HandleKind): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (kind !== undefined) refuseWrongKind(entry, kind);
    await this.#close(entry);
  }

  /** Closes everything and lets nothing in any more; resolves when no file is open. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.allSettled([...this.#entries.values()].map((entry) => this.#close(entry)));
  }

  #refuseUnlessFree(id: string): void {
    if (this.#isEnded) throw new CodexfsError('invalid_request', 'the session has ended');
    if (this.#entries.has(id)) throw new CodexfsError('invalid_request', `file handle \`${id}\` already exists`);
    if (this.#entries.size >= this.#limit) {
      throw new CodexfsError('limit_exceeded', `at most ${this.#limit} file handles may be open per connection`);
    }
  }

  #find<Kind extends HandleKind>(id: string, kind: Kind): Entry<Kind> {
    const entry = this.#entries.get(id);
    if (entry === undefined || (entry.state.phase === 'closing' && !entry.state.hasFailed)) throw unknownHandle(id);
    refuseWrongKind(entry, kind);
    // The kind was compared a line above; the map cannot say so in types.
    return entry as unknown as Entry<Kind>;
  }

  /** Starts the next operation unless one runs. */
  #advance<Kind extends HandleKind>(entry: Entry<Kind>): void {
    const { state } = entry;
    if (state.phase !== 'open' || state.active !== undefined) return;
    const next = entry.queue.shift();
    if (next === undefined) return;
    const active = next.run(state.file);
    entry.state = { ...state, active };
    void active.then((outcome) => this.#finish(entry, next, outcome));
  }

  async #finish<Kind extends HandleKind>(entry: Entry<Kind>, operation: Operation<FileOf[Kind]>, outcome: Outcome) {
    if (entry.state.phase === 'open') entry.state = { ...entry.state, active: undefined };
    if ('error' in outcome) await this.#closeFailed(entry);
    operation.settle(outcome);
    if ('error' in outcome) refuseQueued(entry);
    else this.#advance(entry);
  }

  /**
   * A failed operation leaves its file in an unknown state, so the file is closed; its client learns of the failure when the ID
   * is free again, and of the operations behind it only then: the first failure that it hears must be the cause.
   */
  async #closeFailed<Kind extends HandleKind>(entry: Entry<Kind>): Promise<void> {
    const { state } = entry;
    const closed = state.phase === 'closing' ? state.closed : closeFile(state).finally(() => this.#free(entry));
    if (state.phase !== 'closing') entry.state = { phase: 'closing', hasFailed: true, closed };
    await closed.catch(() => {});
  }

  #close<Kind extends HandleKind>(entry: Entry<Kind>): Promise<void> {
    const { state } = entry;
    if (state.phase === 'closing') return state.closed;
    const closed = closeFile(state).finally(() => this.#drop(entry));
    entry.state = { phase: 'closing', hasFailed: false, closed };
    refuseQueued(entry);
    return closed;
  }

  #drop<Kind extends HandleKind>(entry: Entry<Kind>): void {
    refuseQueued(entry);
    this.#free(entry);
  }

  /** Frees the ID, unless it belongs to a later handle by now. */
  #free<Kind extends HandleKind>(entry: Entry<Kind>): void {
    if (this.#entries.get(entry.id) === (entry as unknown as Entry)) this.#entries.delete(entry.id);
  }
}

/** A file that is still being opened is closed as soon as it is; whether the opening failed is the opener's to say. */
async function closeFile(state: Exclude<HandleState<FileOf[HandleKind]>, { phase: 'closing' }>): Promise<void> {
  if (state.phase === 'opening') {
    const file = await state.opening.catch(() => undefined);
    await file?.close();
  } else {
    await state.active;
    await state.file.close();
  }
}

function refuseQueued<Kind extends HandleKind>(entry: Entry<Kind>): void {
  const { queue } = entry;
  entry.queue = [];
  for (const operation of queue) operation.settle({ error: unknownHandle(entry.id) });
}

function refuseWrongKind(entry: Entry, kind: HandleKind): void {
  if (entry.kind === kind) return;
  const doing = kind === 'read' ? 'reading' : 'writing';
  throw new CodexfsError('invalid_request', `file handle \`${entry.id}\` is not open for ${doing}`);
}

function unknownHandle(id: string): CodexfsError {
  return new CodexfsError('unknown_handle', `unknown file handle \`${id}\``);
}

function closedWhileOpening(id: string): CodexfsError {
  return new CodexfsError('invalid_request', `file handle \`${id}\` was closed while it was opening`);
}

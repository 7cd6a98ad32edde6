// One program on a server: what it prints, in order and bounded, what it is fed, and how it ends.

import { CodexfsError, hasCode, ProtocolError, TimeoutError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Connection } from '../rpc/Connection.js';
import { ProgramOutput } from './ProgramOutput.js';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a word of the program before it counts as stuck. Default: the connection's; `Infinity` for never. */
  readonly timeoutMs?: number | undefined;
}

type State =
  | { readonly phase: 'running' }
  | { readonly phase: 'ended' }
  | { readonly phase: 'failed'; readonly error: unknown };

export class ServerProcess implements AsyncDisposable {
  readonly id: string;
  readonly stdout = new ProgramOutput();
  readonly stderr = new ProgramOutput();
  readonly #connection: Connection;
  #state: State = { phase: 'running' };
  /** Whether the server had no such program any more when it was asked last. */
  #wasGone = false;
  /** -1 where the server does not tell it. */
  #exitCode = -1;
  #toldCount = 0;
  #heardAt = performance.now();
  #nextWrite = 1;
  #wake: () => void = () => {};

  constructor(connection: Connection, id: string) {
    this.#connection = connection;
    this.id = id;
  }

  /** Takes what the program printed. */
  printed(stream: string, bytes: Buffer): void {
    const output = stream === 'stderr' ? this.stderr : this.stdout;
    output.add(bytes);
    if (this.stdout.length + this.stderr.length > limits.processOutputBytes) {
      this.fail(new ProtocolError('process/output', 'a program on the server prints more than it was asked for'));
    }
    this.#told();
  }

  exited(exitCode: number): void {
    this.#exitCode = exitCode;
    this.#told();
  }

  /** Nothing more will come. `seq` counts what there was to tell, this included: what is missing then was lost. */
  closed(seq: number | null | undefined): void {
    const missing = seq == null ? 0 : seq - 1 - this.#toldCount;
    if (missing !== 0) this.fail(new ProtocolError('process/closed', 'the server lost a part of a program’s output'));
    else if (this.#state.phase === 'running') this.#state = { phase: 'ended' };
    this.#told();
  }

  /** The program is of no use any more, because of `error`. The first reason wins. */
  fail(error: unknown): void {
    if (this.#state.phase === 'running') this.#state = { phase: 'failed', error };
    this.#wake();
  }

  /** Feeds the program; resolves when the server has taken `bytes`, which is before the program has. */
  async write(bytes: Buffer): Promise<void> {
    const params = { processId: this.id, writeId: `w${this.#nextWrite++}`, chunk: bytes };
    const { status } = await this.#connection.request('process/write', params, { mayRepeat: () => false });
    if (status !== 'accepted') throw new CodexfsError('unsupported', `the server's program takes no input (${status})`);
  }

  /** The next line of stdout, without its end; undefined when the program has ended without one. */
  nextLine(options: WaitOptions = {}): Promise<string | undefined> {
    return this.until(() => this.stdout.takeLine(), options);
  }

  /** Resolves with the exit status when all that the program printed has come. */
  async ended(options: WaitOptions = {}): Promise<number> {
    await this.until(() => undefined, options);
    return this.#exitCode;
  }

  /**
   * What `take` finds in the output, as soon as it finds something; undefined when the program has ended before.
   * @throws {TimeoutError} when the program says nothing for too long, or whatever ends the connection
   */
  async until<T>(take: () => T | undefined, options: WaitOptions = {}): Promise<T | undefined> {
    const { signal, timeoutMs = this.#connection.idleTimeoutMs } = options;
    for (this.#heardAt = performance.now(); ; await this.#change(signal)) {
      signal?.throwIfAborted();
      const found = take();
      if (found !== undefined) return found;
      if (this.#state.phase === 'failed') throw this.#state.error;
      if (this.#state.phase === 'ended') return undefined;
      if (performance.now() - this.#heardAt >= timeoutMs) throw new TimeoutError('process/output', timeoutMs);
    }
  }

  /** Ends the program, if it has not ended by itself. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state.phase === 'ended' || this.#connection.endedBy !== undefined) return;
    await this.#connection.request('process/terminate', { processId: this.id }).catch(() => {});
  }

  #told(): void {
    this.#toldCount++;
    this.#heardAt = performance.now();
    this.#wake();
  }

  /** Resolves when something has happened; asks the server for a sign of life where nothing does for long. */
  async #change(signal: AbortSignal | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const isQuiet = await new Promise<boolean>((resolve) => {
      const wake = () => resolve(false);
      this.#wake = wake;
      signal?.addEventListener('abort', wake, { once: true });
      timer = setTimeout(() => resolve(true), Math.min(limits.processPollMs, this.#connection.idleTimeoutMs));
    });
    clearTimeout(timer);
    signal?.removeEventListener('abort', this.#wake);
    if (isQuiet) await this.#look(signal);
  }

  /** The first time that the program is gone, what was told of its end may still be on its way; the second time it was lost. */
  async #look(signal: AbortSignal | undefined): Promise<void> {
    const isGone = await this.#isGone(signal);
    if (isGone && this.#wasGone)
      this.fail(new ProtocolError('process/closed', 'the server did not tell that a program ended'));
    this.#wasGone = isGone;
  }

  async #isGone(signal: AbortSignal | undefined): Promise<boolean> {
    const params = { processId: this.id, afterSeq: this.#toldCount, maxBytes: 1, waitMs: 0 };
    try {
      return (await this.#connection.request('process/read', params, { signal })).closed;
    } catch (error) {
      if (hasCode(error, 'invalid_request')) return true;
      throw error;
    }
  }
}

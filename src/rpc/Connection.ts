// One JSON-RPC connection over a transport, from either side: ids, pending calls, deadlines, and one end with one reason.
// It knows nothing of files; the methods' meanings are the dialects' and the server's.

import { debug } from '../debug.js';
import { asError, CodexfsError, ConnectionClosedError, ProtocolError, TimeoutError } from '../errors.js';
import { onAbort } from '../onAbort.js';
import { encodeFrame, type ParsedFrame, parseFrame, withChunk } from '../protocol/bulk.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import { errorFromRpc, rpcCodes } from '../protocol/codes.js';
import { limits } from '../protocol/limits.js';
import { checkResult, type Method, type Params, type Result } from '../protocol/methods.js';
import type { CloseKind, CloseReason, Transport } from '../transport/Transport.js';
import { Acknowledger } from './Acknowledger.js';
import {
  type Envelope,
  type NotificationListener,
  type RequestId,
  type RpcErrorBody,
  readEnvelope,
} from './envelope.js';
import { whileOverloaded } from './overload.js';
import type { PeerHandlers } from './PeerHandlers.js';
import { PendingCalls } from './PendingCalls.js';
import type { RequestOptions } from './RequestOptions.js';
import { describeAnswer, describeParams } from './traceLines.js';

export interface ConnectionOptions {
  readonly handlers?: PeerHandlers;
  /** Milliseconds without an answer to a request before the connection counts as dead; `Infinity` for never. */
  readonly idleTimeoutMs?: number | undefined;
}

const trace = debug('rpc');

export class Connection {
  readonly #transport: Transport;
  readonly #handlers: PeerHandlers | undefined;
  /** Milliseconds without an answer to a request before the connection counts as dead. */
  readonly idleTimeoutMs: number;
  /** Who hears of notifications, and whether they wait for some. */
  readonly #listeners = new Map<NotificationListener, () => boolean>();
  #nextId = 1;
  readonly #calls = new PendingCalls<ParsedFrame>(
    ({ method, timeoutMs }) => void this.close(new TimeoutError(method, timeoutMs)),
  );
  /** Absent where nothing is held back. */
  readonly #acknowledger: Acknowledger | undefined;
  #answeredCount = 0;
  #roundTripMs: number | undefined;
  /** The first cause of the end: set when the end begins, so that calls made meanwhile fail with it. */
  #ending: CodexfsError | undefined;
  readonly #closed: Promise<void>;
  #settleClosed: () => void = () => {};

  /** Takes over `transport` and starts it. */
  constructor(transport: Transport, options: ConnectionOptions = {}) {
    this.#transport = transport;
    this.#handlers = options.handlers;
    if (transport.acknowledge !== undefined) {
      this.#acknowledger = new Acknowledger(
        () => this.#isAnythingDue(),
        () => this.#acknowledge(),
      );
    }
    this.idleTimeoutMs = options.idleTimeoutMs ?? limits.idleTimeoutMs;
    this.#closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    transport.start({ message: (frame) => this.#receive(frame), closed: (reason) => this.#end(reason) });
  }

  /** Why the connection is ending or has ended; undefined while it is usable. */
  get endedBy(): CodexfsError | undefined {
    return this.#ending;
  }

  /** Resolves when the transport is gone. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** How many requests have been answered, with a result or an error. */
  get answeredCount(): number {
    return this.#answeredCount;
  }

  /** Milliseconds from the sending of a request to its answer, where that was quickest; undefined before the first answer. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Bytes sent and not yet taken by the operating system. */
  get queuedBytes(): number {
    return this.#transport.queuedBytes;
  }

  /**
   * Calls `method` and resolves with its checked result.
   * @throws {RpcError} when the peer answers with an error
   * @throws {ConnectionClosedError | TimeoutError | ProtocolError} when the connection ends first; it is then unusable
   */
  request<M extends Method>(method: M, params: Params<M>, options: RequestOptions = {}): Promise<Result<M>> {
    return whileOverloaded(() => this.#ask(method, params, options), options);
  }

  /** Says something that wants no answer and has no params. */
  notify(method: string): void {
    trace?.(() => `→ ${method}`);
    void this.#send({ method });
  }

  /** Answers a request of the peer; resolves when the operating system has taken the answer. */
  answer(id: RequestId, result: unknown): Promise<void> {
    return this.#send({ id, result });
  }

  answerError(id: RequestId, error: RpcErrorBody): Promise<void> {
    return this.#send({ id, error });
  }

  /** Lets `listener` hear of every notification of the peer; `isWaiting` says whether it waits for one. */
  listen(listener: NotificationListener, isWaiting: () => boolean): void {
    this.#listeners.set(listener, isWaiting);
  }

  /** Stops and resumes reading, for a server whose client asks faster than it is served. */
  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  /** Ends the connection; pending calls fail with `reason`. Idempotent. */
  close(reason: string | CodexfsError, kind?: CloseKind): Promise<void> {
    const error = typeof reason === 'string' ? new ConnectionClosedError(reason) : reason;
    this.#fail(error);
    return this.#transport.close(error.message, kind);
  }

  async #ask<M extends Method>(method: M, params: Params<M>, options: RequestOptions): Promise<Result<M>> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#ending !== undefined) throw this.#ending;
    const id = this.#nextId++;
    const answer = new Promise<ParsedFrame>((resolve, reject) => {
      const { timeoutMs = this.idleTimeoutMs, maxAnswerBytes } = options;
      const now = performance.now();
      const timing = { timeoutMs, movedAt: now, sentAt: now, isLate: false };
      const call = { id, method, maxAnswerBytes, ...timing, resolve, reject };
      this.#calls.add(call, () => {
        trace?.(() => `→ ${id} ${method} ${describeParams(params)}`);
        void this.#send({ id, method, params });
      });
    });
    if (options.maxAnswerBytes !== undefined) this.#limitMessages();
    const stopListening = onAbort(signal, () => this.#calls.abandon(id, signal?.reason));
    try {
      return this.#result(method, await answer);
    } finally {
      if (options.maxAnswerBytes !== undefined) this.#limitMessages();
      stopListening();
    }
  }

  /** Large messages are taken only while an answer may be large. */
  #limitMessages(): void {
    this.#transport.limitMessages?.(Math.max(limits.clientMessageBytes, this.#calls.maxAnswerBytes));
  }

  /** A client that has nothing to offer says so, as long as the server listens. */
  #refuse(id: RequestId, method: string): void {
    if (this.queuedBytes > limits.unheardAnswerBytes) {
      this.#malformed('it sends requests and does not read the answers');
    } else void this.answerError(id, { code: rpcCodes.unknownMethod, message: `unknown method ${method}` });
  }

  /** Resolves when the operating system has taken the message; its frame is then free again. */
  async #send(message: { readonly [key: string]: unknown }): Promise<void> {
    const frame = encodeFrame(message);
    this.#acknowledger?.spoke();
    await this.#transport.send(frame);
    recycleChunk(frame);
  }

  #result<M extends Method>(method: M, frame: ParsedFrame): Result<M> {
    const { result } = frame.message as { result: unknown };
    try {
      return withChunk(checkResult(method, result), frame.chunk);
    } catch (cause) {
      const problem = `the server's answer to ${method} is not valid: ${asError(cause).message}`;
      const error = new ProtocolError(method, problem, { cause });
      void this.close(error);
      throw error;
    }
  }

  #receive(frame: Buffer): void {
    if (this.#ending !== undefined) return;
    let parsed: ParsedFrame;
    const frameBytes = frame.length;
    try {
      parsed = parseFrame(frame);
    } catch (error) {
      this.#malformed(asError(error).message);
      return;
    }
    const envelope = readEnvelope(parsed.message);
    if (typeof envelope === 'string') this.#malformed(envelope);
    else this.#dispatch(envelope, parsed, frameBytes);
  }

  #dispatch(envelope: Envelope, frame: ParsedFrame, frameBytes: number): void {
    switch (envelope.kind) {
      case 'request': {
        const { id, method, params } = envelope;
        if (this.#handlers !== undefined)
          this.#handlers.request({ id, method, params, chunk: frame.chunk, frameBytes });
        else this.#refuse(id, method);
        return;
      }
      case 'notification':
        this.#handlers?.notification(envelope.method, envelope.params);
        this.#acknowledger?.heard();
        for (const listener of this.#listeners.keys()) listener(envelope.method, envelope.params, frame.chunk);
        return;
      case 'result':
      case 'error':
        this.#settle(envelope, frame, frameBytes);
    }
  }

  #settle(envelope: Envelope & { kind: 'result' | 'error' }, frame: ParsedFrame, frameBytes: number): void {
    const { id } = envelope;
    this.#acknowledger?.heard();
    const call = this.#calls.take(id);
    if (call === undefined) this.#malformed(`it answered a request that was not made (id ${JSON.stringify(id)})`);
    if (call === undefined || call === 'given up') return;
    this.#answeredCount++;
    const tookMs = performance.now() - call.sentAt;
    this.#roundTripMs = Math.min(tookMs, this.#roundTripMs ?? tookMs);
    trace?.(() => `← ${id} ${describeAnswer(envelope, frameBytes)} ${tookMs.toFixed(1)} ms`);
    if (envelope.kind === 'result') call.resolve(frame);
    else call.reject(errorFromRpc(call.method, envelope.error.code, envelope.error.message));
  }

  /** What is queued carries it as well, and to a peer that does not read there is nothing to add. */
  #acknowledge(): void {
    if (this.queuedBytes > 0) return;
    trace?.(() => '→ acknowledged');
    this.#transport.acknowledge?.();
  }

  #isAnythingDue(): boolean {
    return this.#calls.areUnderWay || [...this.#listeners.values()].some((isWaiting) => isWaiting());
  }

  #malformed(problem: string): void {
    if (this.#handlers !== undefined) this.#handlers.malformed(problem);
    else void this.close(new ProtocolError('message', `the server broke the protocol: ${problem}`));
  }

  #end(reason: CloseReason): void {
    const cause = reason.isTooLarge ? new CodexfsError('limit_exceeded', reason.text, reason) : reason.cause;
    this.#fail(new ConnectionClosedError(reason.text, { cause }));
    this.#handlers?.closed(reason);
    this.#settleClosed();
  }

  /** Rejects every pending call once; whoever comes first decides the reason. */
  #fail(error: CodexfsError): void {
    if (this.#ending !== undefined) return;
    this.#ending = error;
    this.#calls.end(error);
  }
}

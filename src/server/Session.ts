// One client from its connection to its end: the handshake, the requests in the order they came, and the files it holds open.

import { debug } from '../debug.js';
import { ConnectionClosedError } from '../errors.js';
import { type ChunkField, chunkFields } from '../protocol/bulk.js';
import { recycleChunk } from '../protocol/chunkPool.js';
import { rpcCodes } from '../protocol/codes.js';
import { limits } from '../protocol/limits.js';
import { Connection } from '../rpc/Connection.js';
import { type RpcErrorBody, unreadableId } from '../rpc/envelope.js';
import type { IncomingRequest } from '../rpc/PeerHandlers.js';
import type { Outcome } from '../rpc/Router.js';
import type { CloseKind, Transport } from '../transport/Transport.js';
import { Call } from './Call.js';
import { Handshake } from './Handshake.js';
import { Intake } from './Intake.js';
import { MethodTable, type Served } from './methodTable.js';
import { type AnswerBudget, OperationGate } from './OperationGate.js';

export interface SessionOptions extends Served {
  readonly budget: AnswerBudget;
  /** Milliseconds until `initialize` must have come. */
  readonly initializeTimeoutMs?: number | undefined;
}

const trace = debug('server');

export class Session {
  readonly #connection: Connection;
  readonly #handshake: Handshake;
  readonly #methods: MethodTable;
  readonly #gate: OperationGate;
  readonly #intake: Intake;
  readonly #initializeTimer: NodeJS.Timeout;
  /** Resolves when the connection is gone, no operation runs and no file of this session is open. */
  readonly ended: Promise<void>;

  /** Takes over `transport` and starts it. */
  constructor(transport: Transport, options: SessionOptions) {
    this.#gate = new OperationGate(options.budget);
    this.#methods = new MethodTable(options);
    this.#handshake = new Handshake(options);
    this.#intake = new Intake({ pause: () => this.#connection.pause(), resume: () => this.#connection.resume() });
    this.#initializeTimer = setTimeout(
      () => void this.close('no initialize came in time', 'policy'),
      options.initializeTimeoutMs ?? limits.initializeTimeoutMs,
    );
    this.#connection = new Connection(transport, {
      handlers: {
        request: (request) => void this.#serve(request),
        notification: (method) => this.#handshake.notified(method),
        malformed: (problem) => void this.#refuseMalformed(problem),
        closed: (reason) => trace?.(() => `session ended: ${reason.text}`),
      },
    });
    this.ended = this.#connection.closed.then(() => this.#cleanUp());
  }

  get openHandles(): number {
    return this.#methods.openHandles;
  }

  /** Ends the connection; resolves when it is gone. Its files are closed when `ended` resolves. */
  close(reason: string, kind?: CloseKind): Promise<void> {
    return this.#connection.close(reason, kind);
  }

  /** Everything up to the handler's first await happens before this returns, so that requests take effect in order. */
  async #serve(request: IncomingRequest): Promise<void> {
    this.#intake.arrived(request.frameBytes);
    const call = new Call(this.#handshake.client, this.#gate);
    const outcome = await this.#outcome(request, call);
    // Its operation is over, whatever it came to, and so nobody looks at the chunk any more.
    if (request.chunk !== undefined) recycleChunk(request.chunk.bytes);
    await this.#answer(request, outcome);
    call.release();
    this.#intake.answered(request.frameBytes);
  }

  #outcome(request: IncomingRequest, call: Call): Promise<Outcome> | Outcome {
    if (request.method === 'initialize') {
      const outcome = this.#handshake.initialize(request.params);
      if ('result' in outcome) clearTimeout(this.#initializeTimer);
      return outcome;
    }
    const isKnown = this.#methods.router.has(request.method);
    const error = isKnown ? (this.#handshake.refusalOf(request.method) ?? refusalOfSandbox(request.params)) : undefined;
    return error === undefined ? this.#methods.router.run(request, call) : { error };
  }

  /** Resolves when the answer is taken by the operating system, or the connection is gone. */
  async #answer(request: IncomingRequest, outcome: Outcome): Promise<void> {
    if (this.#connection.endedBy !== undefined) return;
    if ('error' in outcome) {
      trace?.(() => `${request.method} refused: ${outcome.error.code} ${outcome.error.message}`);
      return this.#connection.answerError(request.id, this.#handshake.inClientsWords(request.method, outcome.error));
    }
    try {
      const taken = this.#connection.answer(request.id, outcome.result);
      recycleChunkOf(outcome.result);
      await taken;
    } catch {
      // A listing may be longer than the longest string there is.
      await this.#connection.answerError(request.id, { code: rpcCodes.internal, message: 'the answer is too large' });
    }
  }

  async #refuseMalformed(problem: string): Promise<void> {
    if (this.#handshake.client === 'app-server') return;
    this.#intake.arrived(0);
    const message = `failed to parse JSON-RPC message: ${problem}`;
    await this.#connection.answerError(unreadableId, { code: rpcCodes.invalidRequest, message });
    this.#intake.answered(0);
  }

  async #cleanUp(): Promise<void> {
    clearTimeout(this.#initializeTimer);
    const reason = this.#connection.endedBy ?? new ConnectionClosedError('the connection has ended');
    await Promise.all([this.#gate.close(reason), this.#methods.end()]);
  }
}

/** The chunk of a result that was made into a frame. */
function recycleChunkOf(result: unknown): void {
  for (const field of chunkFields) {
    const chunk = (result as Partial<Record<ChunkField, unknown>>)[field];
    if (Buffer.isBuffer(chunk)) recycleChunk(chunk);
  }
}

/** Platform sandboxes are for processes; to ignore the wish for one would be worse than to refuse it. */
function refusalOfSandbox(params: unknown): RpcErrorBody | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  const { sandbox } = params as { sandbox?: unknown };
  if (sandbox === undefined || sandbox === null) return undefined;
  return { code: rpcCodes.invalidRequest, message: 'this server does not support sandboxed file operations' };
}

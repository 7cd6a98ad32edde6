// A client that sends what it is told, right or wrong, and shows what came back word for word.

import type { Transport } from '../../src/transport/Transport.js';
import { recordTransport, type TransportRecord } from './recordTransport.js';

/** An answer as it stands on the wire. */
export interface RawAnswer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export class RawClient {
  readonly record: TransportRecord;
  readonly #transport: Transport;
  #nextId = 1;

  /** Takes over `transport` and starts it. */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.record = recordTransport(transport);
  }

  sendText(text: string | Buffer): void {
    void this.#transport.send(Buffer.from(text));
  }

  send(message: object): void {
    this.sendText(JSON.stringify(message));
  }

  /** Sends a request and resolves with its answer, whatever else comes before. */
  async call(method: string, params?: unknown, id: number | string = this.#nextId++): Promise<RawAnswer> {
    const from = this.record.messages.length;
    this.send(params === undefined ? { id, method } : { id, method, params });
    return this.answerTo(id, from);
  }

  /** The result of a request that must succeed. */
  async result<T = Record<string, unknown>>(method: string, params?: unknown): Promise<T> {
    const answer = await this.call(method, params);
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.code} ${answer.error.message}`);
    return answer.result as T;
  }

  /** `CODE MESSAGE` of a request that must fail. */
  async refusal(method: string, params?: unknown): Promise<string> {
    const { error, result } = await this.call(method, params);
    if (error === undefined) throw new Error(`${method} succeeded: ${JSON.stringify(result)}`);
    return `${error.code} ${error.message}`;
  }

  /** The first answer with that id among the messages from number `from` on. */
  async answerTo(id: unknown, from = 0): Promise<RawAnswer> {
    const { record } = this;
    for (let at = from; ; at++) {
      if (record.messages.length <= at) await record.received(at + 1);
      const text = record.messages[at];
      if (text === undefined) throw new Error(`the connection ended before ${JSON.stringify(id)} was answered`);
      const answer = JSON.parse(text) as RawAnswer;
      if (answer.id === id) return answer;
    }
  }

  /** The ids that were answered so far, in the order of their answers. */
  get answered(): unknown[] {
    return this.record.messages.map((text) => (JSON.parse(text) as RawAnswer).id);
  }

  async initialize(): Promise<void> {
    await this.result('initialize', { clientName: 'test' });
    this.send({ method: 'initialized' });
  }

  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  async close(): Promise<void> {
    await this.#transport.close('done');
  }
}

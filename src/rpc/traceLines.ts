// How requests and answers look in a trace: members and sizes, never contents.

import type { Envelope } from './envelope.js';

/** The params of a request as JSON, a chunk as its length. */
export function describeParams(params: object): string {
  const shown = Object.entries(params).map(([key, value]) => [
    key,
    Buffer.isBuffer(value) ? `${value.length} B` : value,
  ]);
  return JSON.stringify(Object.fromEntries(shown));
}

/** An answer by its size, or by its error. */
export function describeAnswer(envelope: Envelope & { kind: 'result' | 'error' }, frameBytes: number): string {
  return envelope.kind === 'error' ? `error ${envelope.error.code} ${envelope.error.message}` : `${frameBytes} B`;
}

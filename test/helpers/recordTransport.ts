// What a transport delivers, kept for a test to look at and to wait for.

import type { CloseReason, Transport } from '../../src/transport/Transport.js';

export interface TransportRecord {
  /** The messages so far, as text. */
  readonly messages: string[];
  /** How often the transport said that it has ended. */
  closings: number;
  /** Resolves with the first `count` messages, or with fewer when the transport ends before. */
  received(count: number): Promise<string[]>;
  readonly closed: Promise<CloseReason>;
}

/** Starts `transport` and keeps what it delivers. */
export function recordTransport(transport: Transport): TransportRecord {
  const messages: string[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  let settleClosed: (reason: CloseReason) => void = () => {};
  const closed = new Promise<CloseReason>((resolve) => {
    settleClosed = resolve;
  });
  const record: TransportRecord = {
    messages,
    closings: 0,
    closed,
    received: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (messages.length < count && !ended) return;
          waiting.delete(check);
          resolve(messages.slice(0, count));
        };
        waiting.add(check);
        check();
      }),
  };
  transport.start({
    message(frame) {
      messages.push(frame.toString('utf8'));
      for (const check of waiting) check();
    },
    closed(reason) {
      ended = true;
      record.closings++;
      settleClosed(reason);
      for (const check of waiting) check();
    },
  });
  return record;
}

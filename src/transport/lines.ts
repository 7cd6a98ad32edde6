// Transport over a pair of byte streams: one JSON text per line. Serves the parent's end and the child's end of stdio alike.

import type { Readable, Writable } from 'node:stream';
import type { CloseReason, Transport, TransportListener } from './Transport.js';

const newline = 0x0a;
const carriageReturn = 0x0d;
/** Empty lines in a row that are passed over: those who print some between messages print few. */
const maxEmptyLines = 10_000;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

export interface LineTransportOptions {
  readonly readable: Readable;
  readonly writable: Writable;
  /** Bytes of one line before the peer counts as broken. */
  readonly maxMessageBytes: number;
  /** Words for the other side in reasons: "the server", "the client". */
  readonly peer: string;
  /** Called once when the transport closes, to end whatever owns the streams. */
  readonly dispose?: () => Promise<void>;
}

/** A transport of lines over `readable` and `writable`. Some empty lines are passed over, a CR before the LF and a leading BOM are dropped. */
export class LineTransport implements Transport {
  readonly #options: LineTransportOptions;
  #listener: TransportListener | undefined;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #atStart = true;
  /** Since the last message. */
  #emptyLines = 0;
  #ended = false;
  #maxMessageBytes: number;
  #disposal: Promise<void> | undefined;

  constructor(options: LineTransportOptions) {
    this.#options = options;
    this.#maxMessageBytes = options.maxMessageBytes;
  }

  get queuedBytes(): number {
    return this.#options.writable.writableLength;
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    const { readable, writable, peer } = this.#options;
    readable.on('data', (piece: Buffer) => this.#take(piece));
    const finish = () => this.#end({ text: `${peer} closed its output`, local: false });
    readable.on('end', finish);
    // A stream that is destroyed has no 'end'.
    readable.on('close', finish);
    readable.on('error', (cause) => this.#end({ text: `reading from ${peer} failed`, cause, local: false }));
    writable.on('error', (cause) => this.#end({ text: `${peer} no longer reads its input`, cause, local: false }));
  }

  send(frame: Buffer): Promise<void> {
    const { writable } = this.#options;
    if (this.#ended || !writable.writable) return Promise.resolve();
    return new Promise((resolve) => {
      writable.cork();
      writable.write(frame);
      writable.write('\n', () => resolve());
      writable.uncork();
    });
  }

  limitMessages(maxBytes: number): void {
    this.#maxMessageBytes = maxBytes;
  }

  pause(): void {
    this.#options.readable.pause();
  }

  resume(): void {
    this.#options.readable.resume();
  }

  close(reason: string): Promise<void> {
    this.#end({ text: reason, local: true });
    return this.#disposal ?? Promise.resolve();
  }

  /** Splits what arrived into lines without ever joining more than one line's bytes. */
  #take(piece: Buffer): void {
    let from = 0;
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, from)) {
      this.#partial.push(piece.subarray(from, at));
      from = at + 1;
      this.#deliverLine();
      if (this.#ended) return;
    }
    this.#partial.push(piece.subarray(from));
    this.#partialBytes += piece.length - from;
    if (this.#partialBytes > this.#maxMessageBytes) this.#refuseLongLine();
  }

  #deliverLine(): void {
    let line = this.#partial.length === 1 ? (this.#partial[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#partial);
    this.#partial = [];
    this.#partialBytes = 0;
    if (line.at(-1) === carriageReturn) line = line.subarray(0, -1);
    if (this.#atStart && line.subarray(0, 3).equals(byteOrderMark)) line = line.subarray(3);
    this.#atStart = false;
    if (line.length > this.#maxMessageBytes) this.#refuseLongLine();
    else if (line.length > 0) {
      this.#emptyLines = 0;
      this.#listener?.message(line);
    } else if (++this.#emptyLines > maxEmptyLines) this.#refuse(`more than ${maxEmptyLines} empty lines in a row`);
  }

  #refuseLongLine(): void {
    this.#refuse(`a line of more than ${this.#maxMessageBytes} bytes`);
  }

  #refuse(what: string): void {
    this.#end({ text: `${this.#options.peer} sent ${what}`, local: false, isTooLarge: true });
  }

  #end(reason: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#partial = [];
    const { readable, writable, dispose } = this.#options;
    readable.removeAllListeners('data');
    readable.on('error', () => {});
    readable.resume();
    this.#disposal = (async () => {
      if (writable.writable) writable.end();
      await dispose?.();
      readable.destroy();
    })();
    this.#disposal.catch(() => {});
    this.#listener?.closed(reason);
  }
}

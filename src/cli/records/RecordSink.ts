// Where records go, one line after the other: standard output, or a file.

import { closeSync, constants, openSync } from 'node:fs';
import { type CodexfsError, UsageError } from '../../errors.js';
import { fileErrorFrom } from '../../protocol/codes.js';
import type { Output } from '../Output.js';
import { writeAllSync } from '../writeAllSync.js';

export interface RecordSink {
  /** Takes one line, and resolves when there is room for more. Never rejects. */
  write(line: string): Promise<void>;
  /** Resolves when every line has arrived, or cannot. Never rejects. */
  end(): Promise<void>;
  /** Writes what has not arrived yet, without waiting for anything else; nothing can be written afterwards. Never throws. */
  endSync(): void;
}

/** Bytes that a pipe takes whole or not at all (PIPE_BUF of Linux): so it is known what of the last piece has arrived. */
const pieceBytes = 4096;
/** Bytes that may wait for a slow reader before the work waits too. */
const maxWaitingBytes = 1024 * 1024;
/** Milliseconds that last words wait for a reader that does not read. */
const lastWordsMs = 300;
/** Milliseconds that a line for a file waits where the file is a pipe, and full. Nothing else goes on meanwhile. */
const filePatienceMs = 2_000;

/** Lines for stdout, handed over piece by piece. */
export class OutputSink implements RecordSink {
  readonly #output: Output;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #pieceUnderWay: Buffer | undefined;
  #pumping: Promise<void> = Promise.resolve();
  #isPumping = false;

  constructor(output: Output) {
    this.#output = output;
  }

  async write(line: string): Promise<void> {
    const bytes = Buffer.from(line);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isPumping) this.#pumping = this.#pump();
    if (this.#waitingBytes > maxWaitingBytes) await this.#pumping;
  }

  end(): Promise<void> {
    return this.#pumping;
  }

  endSync(): void {
    const rest = Buffer.concat([...(this.#pieceUnderWay === undefined ? [] : [this.#pieceUnderWay]), ...this.#waiting]);
    this.#waiting = [];
    this.#output.dataSync(rest, lastWordsMs);
  }

  /** What stops stdout is the output's to notice and to tell; the records that cannot be written any more are dropped. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    // A piece is never handed over in the turn in which it came: `endSync` could not tell whether it has arrived by then.
    await undefined;
    try {
      for (let piece = this.#nextPiece(); piece !== undefined; piece = this.#nextPiece()) {
        this.#pieceUnderWay = piece;
        await this.#output.data(piece);
        this.#pieceUnderWay = undefined;
      }
    } catch {
      this.#pieceUnderWay = undefined;
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    this.#isPumping = false;
  }

  #nextPiece(): Buffer | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    let count = 1;
    let bytes = first.length;
    for (; bytes < pieceBytes; count++) {
      const next = this.#waiting[count];
      if (next === undefined || bytes + next.length > pieceBytes) break;
      bytes += next.length;
    }
    const taken = Buffer.concat(this.#waiting.splice(0, count));
    const piece = taken.subarray(0, pieceBytes);
    if (taken.length > piece.length) this.#waiting.unshift(taken.subarray(piece.length));
    this.#waitingBytes -= piece.length;
    return piece;
  }
}

/** Lines for a file, written as they come: what happened before a crash is in it. */
export class FileSink implements RecordSink {
  readonly #path: string;
  readonly #fd: number;
  readonly #onFailure: (error: CodexfsError) => void;
  #isOpen = true;

  /**
   * Creates or empties the file at `path`, which may also be a pipe that is read. `onFailure` hears once that it cannot be
   * written to any more.
   * @throws {UsageError} when there cannot be such a file
   */
  constructor(path: string, onFailure: (error: CodexfsError) => void) {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
    this.#path = path;
    this.#onFailure = onFailure;
    try {
      this.#fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o666);
    } catch (cause) {
      throw new UsageError(`--report: ${path}: ${fileErrorFrom(cause, 'open', path).message}`, { cause });
    }
  }

  async write(line: string): Promise<void> {
    if (!this.#isOpen) return;
    try {
      writeAllSync(this.#fd, Buffer.from(line), filePatienceMs);
    } catch (error) {
      this.endSync();
      this.#onFailure(fileErrorFrom(error, 'write', this.#path));
    }
  }

  async end(): Promise<void> {
    this.endSync();
  }

  endSync(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      closeSync(this.#fd);
    } catch {
      // The lines are written; some file systems complain only here, and nothing can be told any more.
    }
  }
}

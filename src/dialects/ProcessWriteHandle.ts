// Writing through a shell: what it does once the path is found to be sound, and the handle that feeds it.

import { FileError, hasCode, type RpcError } from '../errors.js';
import type { WriteHandle } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { ServerProcess } from './ServerProcess.js';
import { nonsense, scriptFailure } from './ServerPrograms.js';

/**
 * Pieces of the file come as a line with their length, then so many bytes; each is acknowledged by a line with that length, and
 * the next is sent only then: `head` may read further than it is told, but there is nothing yet. The end is answered with the
 * file's length.
 */
export const writeCommands = `
exec 3> "$1" || exit
echo ready
while read -r count && [ "$count" != end ]; do
  head -c "$count" >&3 || exit
  echo "$count"
done
exec 3>&-
wc -c < "$1"
`;

interface Piece {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/** What is written while a piece is under way goes together as the next one, so that there are few round trips. */
export class ProcessWriteHandle implements WriteHandle {
  readonly maxChunkBytes = limits.blockBytes;
  readonly isDestinationTouched = true;
  readonly stopsAtFailure = true;
  readonly #process: ServerProcess;
  readonly #path: string;
  #waiting: Piece[] = [];
  #sending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #writtenBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(process: ServerProcess, path: string) {
    this.#process = process;
    this.#path = path;
  }

  write(bytes: Buffer): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (bytes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#sending ??= this.#sendWaiting();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  /** Without a close before it, the file stays as long as what was acknowledged. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #sendWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const pieces = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure.error;
        await this.#send(pieces);
        for (const piece of pieces) piece.resolve();
      } catch (error) {
        this.#failure ??= { error };
        for (const piece of pieces) piece.reject(error);
      }
    }
    this.#sending = undefined;
  }

  async #send(pieces: readonly Piece[]): Promise<void> {
    const count = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const sent = [Buffer.from(`${count}\n`), ...pieces.map(({ bytes }) => bytes)].map((bytes) =>
      this.#process.write(bytes),
    );
    // Every answer is waited for: nobody may look at the memory of a write that failed while others are sent.
    const refused = (await Promise.allSettled(sent)).find((outcome) => outcome.status === 'rejected');
    // A program that takes no more input has ended, or is about to, and says why.
    if (refused !== undefined && !hasCode(refused.reason, 'unsupported')) throw refused.reason;
    const line = await this.#process.nextLine();
    if (line === undefined) throw await this.#endOfProcess();
    if (line.trim() !== String(count)) throw nonsense();
    this.#writtenBytes += count;
  }

  async #finish(): Promise<void> {
    await this.#sending;
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#process.write(Buffer.from('end\n'));
    const line = await this.#process.nextLine();
    const exitCode = await this.#process.ended();
    if (line === undefined || exitCode !== 0) throw await this.#endOfProcess();
    if (Number(line.trim()) === this.#writtenBytes) return;
    const message = `has ${line.trim()} bytes after ${this.#writtenBytes} were written to it`;
    throw new FileError('size_mismatch', 'write', this.#path, message);
  }

  async #endOfProcess(): Promise<RpcError> {
    await this.#process.ended();
    return scriptFailure(this.#process.stderr.takeText(), this.#path);
  }
}

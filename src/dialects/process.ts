// The `process` dialect: file contents through a shell on the server, for what its file methods cannot carry. It writes in
// place, like all the others. The paths are arguments of the shell and never a part of its script.

import { CodexfsError, FileError, hasCode, ProtocolError, type RpcError } from '../errors.js';
import type {
  HandleInfo,
  OpenWriteOptions,
  OperationOptions,
  ReadHandle,
  ReadResult,
  WriteHandle,
} from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Connection } from '../rpc/Connection.js';
import type { Dialect } from './Dialect.js';
import type { ServerProcess } from './ServerProcess.js';
import { type ServerPrograms, scriptFailure } from './ServerPrograms.js';

const exitStatus = { noInput: 90, isDirectory: 91, notRegular: 92 } as const;

/** Only a shell that can be fed, and a path that can hold a file, get as far as where the file is emptied. */
const checkScript = `
read -r start || exit ${exitStatus.noInput}
[ -d "$1" ] && exit ${exitStatus.isDirectory}
[ -e "$1" ] && [ ! -f "$1" ] && exit ${exitStatus.notRegular}
`;

/**
 * Pieces of the file come as a line with their length, then so many bytes; each is acknowledged by a line with that length, and
 * the next is sent only then: \`head\` may read further than it is told, but there is nothing yet. The end is answered with the
 * file's length.
 */
const writeScript = `${checkScript}
exec 3> "$1" || exit
echo ready
while read -r count && [ "$count" != end ]; do
  head -c "$count" >&3 || exit
  echo "$count"
done
exec 3>&-
wc -c < "$1"
`;

/** Bytes of a block of dd, in which it counts. */
const blockBytes = 64 * 1024;

/** What the shell says behind a stretch that dd could read. */
const stretchEnd = 'done';

/**
 * Each line asks for a stretch of the file in blocks. It goes to stdout, and how long it is to stderr, in dd's last line: also
 * where dd fails in the middle, which is why it takes one word more to show that a short stretch is the end of the file.
 */
const readScript = `${checkScript}
wc -c < "$1" || exit
while read -r first count; do
  dd if="$1" bs=${blockBytes} skip="$first" count="$count" || exit
  echo ${stretchEnd} >&2
done
`;

export class ProcessDialect implements Dialect {
  readonly name = 'process';
  readonly #connection: Connection;
  readonly #programs: ServerPrograms;
  readonly #toNative: (wirePath: string) => string;

  /** `toNative` makes the server's own form of a path out of the wire's. */
  constructor(connection: Connection, programs: ServerPrograms, toNative: (wirePath: string) => string) {
    this.#connection = connection;
    this.#programs = programs;
    this.#toNative = toNative;
  }

  /** @throws {CodexfsError} `unsupported`, where the server runs no shell, or none that can be fed */
  async openRead(path: string, options: OperationOptions): Promise<ReadHandle> {
    const { process, answer } = await this.#start(readScript, path, options);
    const sizeBytes = Number(answer.trim());
    const { modifiedAtMs } = await this.#connection.request('fs/getMetadata', { path }, options);
    const statNow = async () => {
      const now = await this.#connection.request('fs/getMetadata', { path });
      return { sizeBytes: now.size ?? sizeBytes, modifiedAtMs: now.modifiedAtMs };
    };
    return new ProcessReadHandle(process, this.#toNative(path), { sizeBytes, modifiedAtMs }, statNow);
  }

  /** Empties the file. @throws {CodexfsError} `unsupported`, before that, where the server runs no shell, or none that can be fed */
  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    const { process } = await this.#start(writeScript, path, options);
    return new ProcessWriteHandle(process, this.#toNative(path));
  }

  /** Starts `script` for `path` and waits for its first line. */
  async #start(
    script: string,
    path: string,
    { signal }: OperationOptions,
  ): Promise<{ readonly process: ServerProcess; readonly answer: string }> {
    const native = this.#toNative(path);
    const process = await this.#programs.start(script, [native], true);
    try {
      await process.write(Buffer.from('start\n'));
      const answer = await process.nextLine({ signal });
      if (answer !== undefined) return { process, answer };
      throw openFailure(await process.ended(), process.stderr.takeText(), native);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }
}

function openFailure(exitCode: number, stderr: string, path: string): CodexfsError {
  switch (exitCode) {
    case exitStatus.noInput:
      return new CodexfsError('unsupported', 'programs on this server get no input');
    case exitStatus.isDirectory:
      return new FileError('is_directory', 'open', path, 'is a directory');
    case exitStatus.notRegular:
      return new FileError('not_regular_file', 'open', path, 'not a regular file');
    default:
      return scriptFailure(stderr, path);
  }
}

interface Piece {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/** What is written while a piece is under way goes together as the next one, so that there are few round trips. */
class ProcessWriteHandle implements WriteHandle {
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

/** Reads are answered in the order in which they are asked for, so each is begun at once and waits for those before it. */
class ProcessReadHandle implements ReadHandle {
  readonly maxChunkBytes = limits.maxChunkBytes;
  readonly #process: ServerProcess;
  readonly #path: string;
  readonly #opened: HandleInfo;
  readonly #statNow: () => Promise<HandleInfo>;
  #isFirstStat = true;
  #last: Promise<unknown> = Promise.resolve();

  constructor(process: ServerProcess, path: string, opened: HandleInfo, statNow: () => Promise<HandleInfo>) {
    this.#process = process;
    this.#path = path;
    this.#opened = opened;
    this.#statNow = statNow;
  }

  /** A read that is given up is answered all the same, and the answer must be taken out of the way of the next one. */
  async read(offset: number, maxBytes: number, { signal }: OperationOptions = {}): Promise<ReadResult> {
    signal?.throwIfAborted();
    const first = Math.floor(offset / blockBytes);
    const skipped = offset - first * blockBytes;
    const count = Math.ceil((skipped + maxBytes) / blockBytes);
    const asking = this.#process.write(Buffer.from(`${first} ${count}\n`));
    const reading = this.#last.then(async () => {
      await asking;
      return this.#stretch();
    });
    this.#last = reading.catch(() => {});
    asking.catch(() => {});
    const stretch = await reading;
    const bytes = stretch.subarray(skipped, skipped + maxBytes);
    return { bytes, eof: stretch.length < count * blockBytes && skipped + maxBytes >= stretch.length };
  }

  /** The first answer is of the moment of the open, the later ones of the path as it is now. */
  async stat(): Promise<HandleInfo> {
    if (!this.#isFirstStat) return this.#statNow();
    this.#isFirstStat = false;
    return this.#opened;
  }

  async close(): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The output of one dd: its length is told on stderr, and may come before or behind it. @throws {RpcError} what dd failed with */
  async #stretch(): Promise<Buffer> {
    const { stdout, stderr } = this.#process;
    const said: string[] = [];
    const bytes = await this.#process.until(() => {
      // No line more than this stretch has: the next ones may be of the stretch behind it.
      while (said.at(-1) !== stretchEnd) {
        const line = stderr.takeLine();
        if (line === undefined) return undefined;
        said.push(line);
      }
      return stdout.take(lengthIn(said));
    });
    if (bytes !== undefined) return bytes;
    throw scriptFailure([...said, stderr.takeText()].filter((line) => !isCount(line)).join('\n'), this.#path);
  }
}

/** What dd of GNU, BSD and BusyBox says last: `262144 bytes (262 kB, 256 KiB) copied, …`, `262144 bytes transferred in …`. */
function lengthIn(said: readonly string[]): number {
  const digits = said.map((line) => /^(\d+) bytes? /.exec(line)?.[1]).find((found) => found !== undefined);
  if (digits === undefined) throw nonsense();
  return Number(digits);
}

/** Whether `line` only says how much dd has read or written. */
function isCount(line: string): boolean {
  return /^\d+(\+\d+ records (in|out)$| bytes? )/.test(line);
}

function nonsense(): ProtocolError {
  return new ProtocolError('process/output', 'a program on the server said nonsense');
}

// Reading through a shell: what it does once the path is found to be sound, and the handle that asks it.

import type { HandleInfo, OperationOptions, ReadHandle, ReadResult } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { ServerProcess } from './ServerProcess.js';
import { nonsense, scriptFailure } from './ServerPrograms.js';

/** Bytes of a block of dd, in which it counts. */
const blockBytes = 64 * 1024;

/** What the shell says behind a stretch that dd could read. */
const stretchEnd = 'done';

/**
 * Each line asks for a stretch of the file in blocks. It goes to stdout, and how long it is to stderr, in dd's last line: also
 * where dd fails in the middle, which is why it takes one word more to show that a short stretch is the end of the file.
 */
export const readCommands = `
wc -c < "$1" || exit
while read -r first count; do
  dd if="$1" bs=${blockBytes} skip="$first" count="$count" || exit
  echo ${stretchEnd} >&2
done
`;

/** Reads are answered in the order in which they are asked for, so each is begun at once and waits for those before it. */
export class ProcessReadHandle implements ReadHandle {
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

// The two standard streams: data goes to stdout, everything said about it to stderr. Neither going away is an error by itself.

import { Writable } from 'node:stream';
import { CancelledError, type CodexfsError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import { writeAllSync } from './writeAllSync.js';

/** What of a standard stream matters here; a test has one without a terminal behind it. */
export type StandardStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number;
  readonly fd?: number;
};

export type ColorMode = 'auto' | 'always' | 'never';

const styles = { red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Wraps a text in a colour, or does nothing where there is none. */
export type Paint = (style: keyof typeof styles, text: string) => string;

/** What stands after `codexfs: ` and leads the eye: nothing else of an error line is coloured. */
const leadWord = /^(codexfs|hint|warning):/;

export class Output {
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
  /** Stdout for bytes. A write fails with a CancelledError when the reader has gone, and with `stdoutFailure` otherwise. */
  readonly sink: Writable;
  readonly #onStdoutLost: () => void;
  #color: ColorMode = 'auto';
  #isQuiet = false;
  #stdoutFailure: CodexfsError | undefined;
  #isReaderGone = false;

  /** Watches both streams from now on; `onStdoutLost` is called once when no more can be written to stdout. */
  constructor(stdout: StandardStream, stderr: StandardStream, onStdoutLost: () => void) {
    this.stdout = stdout;
    this.stderr = stderr;
    // Nobody is left to tell when stderr fails; the work goes on.
    stderr.on('error', () => {});
    stdout.on('error', (error) => this.#lost(error));
    this.#onStdoutLost = onStdoutLost;
    this.sink = new Writable({
      highWaterMark: 0,
      write: (bytes, _encoding, done) => void this.#write(bytes).then(() => done(), done),
    });
    this.sink.on('error', () => {});
  }

  /** Takes over what the options say; before that, colour is automatic and nothing is kept quiet. */
  configure(options: { readonly color: ColorMode; readonly isQuiet: boolean }): void {
    this.#color = options.color;
    this.#isQuiet = options.isQuiet;
  }

  /** Whether the reader of stdout has gone away, as `head` does when it has enough. */
  get isReaderGone(): boolean {
    return this.#isReaderGone;
  }

  /** Why stdout cannot be written to, other than that its reader has gone. */
  get stdoutFailure(): CodexfsError | undefined {
    return this.#stdoutFailure;
  }

  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** Data for stdout, as it is; resolves when there is room for more. Fails as `sink` does. */
  async data(data: string | Buffer): Promise<void> {
    await this.#write(data);
  }

  /** Text for people, laid out for 80 columns; on a terminal that has fewer it is laid out anew. Fails as `sink` does. */
  async text(text: string): Promise<void> {
    const { columns } = this.stdout;
    if (columns === undefined) return this.data(text);
    const { fitText } = await import('./fitText.js');
    return this.data(fitText(text, columns));
  }

  /**
   * Writes `bytes` to stdout before anything else happens, for last words; a reader that does not read within `patienceMs`
   * does not get them. Never throws.
   */
  dataSync(bytes: Buffer, patienceMs: number): void {
    const { fd } = this.stdout;
    try {
      if (fd === undefined) this.stdout.write(bytes);
      else writeAllSync(fd, bytes, patienceMs);
    } catch {
      // Nobody reads any more.
    }
  }

  /** Lines about a failure, for stderr. */
  error(lines: readonly string[]): void {
    const paint = painter(this.stderr, this.#color);
    for (const line of lines) {
      this.#say(line.replace(leadWord, (word) => paint(word === 'hint:' ? 'cyan' : 'red', word)));
    }
  }

  /** A line for stderr that -q leaves out. */
  note(line: string): void {
    if (!this.#isQuiet) this.#say(line);
  }

  /** The colours for what is drawn on stderr. */
  get paint(): Paint {
    return painter(this.stderr, this.#color);
  }

  #write(data: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stdout.write(data, (error) => (error == null ? resolve() : reject(this.#lost(error))));
    });
  }

  /** The first failure says what became of stdout; it comes by the write and by the stream, in no order. */
  #lost(error: NodeJS.ErrnoException): CodexfsError {
    if (!this.#isReaderGone && this.#stdoutFailure === undefined) {
      if (error.code === 'EPIPE') this.#isReaderGone = true;
      else this.#stdoutFailure = fileErrorFrom(error, 'write', 'standard output');
      this.#onStdoutLost();
    }
    return this.#stdoutFailure ?? new CancelledError();
  }

  #say(line: string): void {
    this.stderr.write(`${line}\n`);
  }
}

function painter(stream: StandardStream, mode: ColorMode): Paint {
  if (mode === 'never' || (mode === 'auto' && !wantsColor(stream))) return (_style, text) => text;
  return (style, text) => `\x1b[${styles[style]}m${text}\x1b[39m`;
}

/** https://no-color.org: any value that is not empty. */
function wantsColor(stream: StandardStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
}

// The two standard streams: data goes to stdout, everything said about it to stderr. Neither going away is an error by itself.

import type { Writable } from 'node:stream';
import { CodexfsError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';

/** What of a standard stream matters here; a test has one without a terminal behind it. */
export type StandardStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export type ColorMode = 'auto' | 'always' | 'never';

const styles = { red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Wraps a text in a colour, or does nothing where there is none. */
export type Paint = (style: keyof typeof styles, text: string) => string;

/** What stands after `codexfs: ` and leads the eye: nothing else of an error line is coloured. */
const leadWord = /^(codexfs|hint|warning):/;

export class Output {
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
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
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#isReaderGone || this.#stdoutFailure !== undefined) return;
      if (error.code === 'EPIPE') this.#isReaderGone = true;
      else this.#stdoutFailure = fileErrorFrom(error, 'write', 'standard output');
      onStdoutLost();
    });
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

  /** Data for stdout, as it is; resolves when there is room for more. @throws {CodexfsError} when stdout cannot be written to */
  async data(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.stdout.write(text, () => resolve()));
    if (this.#stdoutFailure !== undefined) throw this.#stdoutFailure;
    if (this.#isReaderGone) throw new CodexfsError('cancelled', 'the reader of standard output went away');
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

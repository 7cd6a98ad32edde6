// How a transfer under way is shown: the interface, and the one that shows nothing.

export interface Progress {
  /** Whether anything has been shown, so that an end line makes sense. */
  readonly hasShown: boolean;
  /** The run is about so many files; `isFinal` is false while there may be more. */
  expectFiles(count: number, isFinal: boolean): void;
  /** A file begins. `name` may be any text. */
  begin(name: string): FileProgress;
  /** Has `write` put lines where progress is shown, so that neither spoils the other. */
  interject(write: () => void): void;
  /** All files are over: leaves the terminal as it was found. Idempotent. */
  end(): void;
}

/** One file of those under way. */
export interface FileProgress {
  /** Its size, where it is known. */
  expect(totalBytes: number | undefined): void;
  /** So many more bytes are in place. */
  advance(bytes: number): void;
  /** The file is over, well or not. */
  end(): void;
}

const noFileProgress: FileProgress = { expect: () => {}, advance: () => {}, end: () => {} };

/** For -q, for short runs without a terminal, and wherever nothing is to be shown. */
export const noProgress: Progress = {
  hasShown: false,
  expectFiles: () => {},
  begin: () => noFileProgress,
  interject: (write) => write(),
  end: () => {},
};

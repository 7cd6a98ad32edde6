// How a transfer under way is shown: the interface, and the one that shows nothing.

export interface Progress {
  /** Whether anything has been shown that stays, so that an end line makes sense. */
  readonly hasShown: boolean;
  /** Whether it is of use to know the sizes of files that have not begun. */
  readonly wantsSizes: boolean;
  /** The run is about so many files; `isFinal` is false while there may be more. */
  expectFiles(count: number, isFinal: boolean): void;
  /** One of those files was found, of `sizeBytes` bytes, where that is known. */
  found(sizeBytes: number | undefined): void;
  /** A file that was found so has its turn. `name` may be any text. */
  begin(name: string, sizeBytes: number | undefined): FileProgress;
  /** Has `write` put lines where progress is shown, so that neither spoils the other. */
  interject(write: () => void): void;
  /** All files are over: leaves the terminal as it was found. Idempotent. */
  end(): void;
}

/** One file of those that have had their turn. */
export interface FileProgress {
  /** Its bytes begin to move, or begin anew: it has `totalBytes`, where that is known, and so many of them are in place. */
  start(totalBytes: number | undefined, presentBytes: number): void;
  /** So many more bytes are in place. */
  advance(bytes: number): void;
  /** The file is over, well or not, begun or not. Idempotent. */
  end(): void;
}

const noFileProgress: FileProgress = { start: () => {}, advance: () => {}, end: () => {} };

/** For -q, for short runs without a terminal, and wherever nothing is to be shown. */
export const noProgress: Progress = {
  hasShown: false,
  wantsSizes: false,
  expectFiles: () => {},
  found: () => {},
  begin: () => noFileProgress,
  interject: (write) => write(),
  end: () => {},
};

// How a transfer under way is shown: the interface, and the one that shows nothing.

export interface Progress {
  /** Whether anything has been shown, so that an end line makes sense. */
  readonly hasShown: boolean;
  /** A file begins. `name` may be any text. */
  begin(name: string): void;
  /** Its size, where it is known. */
  expect(totalBytes: number | undefined): void;
  /** So many more bytes are in place. */
  advance(bytes: number): void;
  /** The file is over: leaves the terminal as it was found. Idempotent. */
  end(): void;
}

/** For -q, for short runs without a terminal, and wherever nothing is to be shown. */
export const noProgress: Progress = {
  hasShown: false,
  begin: () => {},
  expect: () => {},
  advance: () => {},
  end: () => {},
};

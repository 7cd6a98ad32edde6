// One thing to fuzz: what it is given, and what must hold whatever that is.

import * as fc from 'fast-check';

/** Ready to be tried; what it holds ends with its scope. */
export interface Fuzzed<T> extends AsyncDisposable {
  /** Throws when something does not hold. */
  check(input: T): void | Promise<void>;
}

interface TargetFacts<T> {
  /** `envelope`; the folder of its corpus. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** Inputs of every run, and of a long one. */
  readonly count: number;
  readonly longCount: number;
  /** Several inputs that are tried together count as so many. */
  readonly inputsPerCase?: number;
  /** Values that JSON can hold, so that a failing one can be kept. */
  readonly inputs: fc.Arbitrary<T>;
  open(): Promise<Fuzzed<T>>;
}

/** Its inputs are of a type of its own, which only it has to know. */
export type FuzzTarget = TargetFacts<unknown>;

/** A target whose inputs are more than JSON holds: schedules, sequences of commands. */
export interface PropertyTarget {
  readonly name: string;
  readonly title: string;
  readonly count: number;
  readonly longCount: number;
  property(): fc.IRawProperty<unknown, true>;
}

export function fuzzTarget<T>(facts: TargetFacts<T>): FuzzTarget {
  return {
    ...facts,
    inputs: facts.inputs,
    open: async () => {
      const fuzzed = await facts.open();
      return {
        check: (input) => fuzzed.check(input as T),
        [Symbol.asyncDispose]: () => fuzzed[Symbol.asyncDispose](),
      };
    },
  };
}

/** A target that needs nothing around it. */
export function pureTarget<T>({
  check,
  ...facts
}: Omit<TargetFacts<T>, 'open'> & Pick<Fuzzed<T>, 'check'>): FuzzTarget {
  return fuzzTarget<T>({ ...facts, open: async () => ({ check, async [Symbol.asyncDispose]() {} }) });
}

/** Any UTF-16, lone surrogates included, with what matters here more often than chance would have it. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('\x1b[2J', '\r', '\n', '\x7f', '\x9b31m', '\u202e', '\u2028', '\ud800', '\udc00', '\0', '\ufeff'),
      fc.constantFrom(
        '.',
        '..',
        '/',
        '\\',
        ':',
        '~',
        '%2e',
        '%2f',
        '%00',
        '．',
        '／',
        'CON',
        'NUL.',
        'C:',
        'ws://',
        '-',
        ' ',
      ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

/** A valid text with a few pieces cut, doubled, swapped or put in. */
export function mangled(valid: readonly string[], tokens: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 12 }),
    kind: fc.constantFrom('cut', 'double', 'insert', 'truncate'),
    token: fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 4 })),
  });
  return fc.tuple(fc.constantFrom(...valid), fc.array(edit, { maxLength: 3 })).map(([text, edits]) =>
    edits.reduce((now, { at, length, kind, token }) => {
      const start = Math.floor(at * now.length);
      if (kind === 'truncate') return now.slice(0, start);
      if (kind === 'cut') return now.slice(0, start) + now.slice(start + length);
      const middle = kind === 'double' ? now.slice(start, start + length) : token;
      return now.slice(0, start) + middle + now.slice(start);
    }, text),
  );
}

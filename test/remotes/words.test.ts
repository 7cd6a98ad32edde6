// Commands split into words as a shell would, and the known name nearest to a mistyped one.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { closestName } from '../../src/remotes/closestName.js';
import { splitCommand } from '../../src/remotes/splitCommand.js';
import { describe } from '../helpers/describe.js';

const table: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  \t\n ', []],
  ['a', ['a']],
  [' a  b\tc\n', ['a', 'b', 'c']],
  ["'a b' c", ['a b', 'c']],
  ['"a b" c', ['a b', 'c']],
  ['a"b c"\'d e\'f', ['ab cd ef']],
  ["''", ['']],
  ['a "" b', ['a', '', 'b']],
  ['a\\ b', ['a b']],
  ['\\"', ['"']],
  ['"\\"\\\\\\$\\`"', ['"\\$`']],
  ['"\\n"', ['\\n']],
  ["'\\n'", ['\\n']],
  ["'a\nb'", ['a\nb']],
  ['$HOME `a` *.c', ['$HOME', '`a`', '*.c']],
  ['ssh vm "codex exec-server --listen stdio"', ['ssh', 'vm', 'codex exec-server --listen stdio']],
  ['é✓ 😀', ['é✓', '😀']],
];

describe('a command', (test) => {
  for (const [text, words] of table) {
    test(`is split: ${JSON.stringify(text)}`, () => {
      assert.equal(splitCommand(text), words);
    });
  }

  for (const text of ["'a", '"a', 'a\\', 'a "b\\"', "a 'b' 'c"]) {
    test(`is refused when something does not end: ${text}`, () => {
      assert.throws(
        () => splitCommand(text),
        (error: unknown) => error instanceof UsageError,
      );
    });
  }

  test('comes back from words quoted for a shell', () => {
    const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        assert.equal(splitCommand(words.map(quoted).join(' ')), words);
      }),
    );
  });
});

describe('the nearest name', (test) => {
  const names = ['devbox', 'staging', 'ci'];
  for (const [name, nearest] of [
    ['devbox', 'devbox'],
    ['DevBox', 'devbox'],
    ['devbx', 'devbox'],
    ['dexbux', 'devbox'],
    ['stagng', 'staging'],
    ['cj', 'ci'],
    ['ic', 'ci'],
    ['dveobx', 'devbox'],
    ['production', undefined],
    ['xx', undefined],
  ] as const) {
    test(`to ${name} is ${nearest ?? 'none'}`, () => {
      assert.is(closestName(name, names), nearest);
    });
  }

  test('is none where there are no names', () => {
    assert.is(closestName('a', []), undefined);
  });
});

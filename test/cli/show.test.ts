// What is printed of other people's text: nothing in it reaches the terminal as a command.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { shellQuoted, show } from '../../src/cli/show.js';
import { limits } from '../../src/protocol/limits.js';
import { describe } from '../helpers/describe.js';

/** Any UTF-16, lone surrogates included, with what matters here more often than chance would have it. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('\x1b[2J', '\r', '\n', '\x7f', '\x9b31m', '\u202e', '\u2028', '\ud800', '\udc00', '\u0000'),
    ),
  )
  .map((pieces) => pieces.join(''));

const commands = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

describe('show()', (test) => {
  test('leaves nothing that a terminal would act on, whatever the text', () => {
    fc.assert(fc.property(anyText, (text) => !commands.test(show(text))));
  });

  test('never shows more characters than the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), anyText, (count, text) => {
        assert.ok(show(text.repeat(2) + 'x'.repeat(count)).length <= limits.shownTextChars);
      }),
    );
  });

  test('leaves ordinary text as it is', () => {
    for (const text of ['', 'a b', 'é✓ %#?', '日本語', '👩‍👩‍👧', 'back\\slash']) assert.is(show(text), text);
  });

  test('names the usual escapes', () => {
    assert.is(show('a\nb\tc\rd\x1be\u202ef'), 'a\\nb\\tc\\rd\\x1be\\u202ef');
  });

  test('does not end in half a character where it cuts', () => {
    const shown = show(`${'x'.repeat(limits.shownTextChars - 2)}😀😀`);
    assert.is(shown, `${'x'.repeat(limits.shownTextChars - 2)}…`);
  });
});

describe('shellQuoted()', (test) => {
  const names: readonly (readonly [string, string])[] = [
    ['plain.txt', 'plain.txt'],
    ['été✓', 'été✓'],
    ['a=b~', 'a=b~'],
    ['a\u00a0b', "'a\u00a0b'"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['a\nb', "'a'$'\\n''b'"],
    ['\x1b[31m', "$'\\x1b''[31m'"],
    ['', "''"],
    ['~', "'~'"],
    ['#x', "'#x'"],
    ['$HOME', "'$HOME'"],
  ];
  for (const [name, quoted] of names) {
    test(`writes ${JSON.stringify(name)} as ${quoted}`, () => assert.is(shellQuoted(name), quoted));
  }

  test('is read by bash as the name that it was', () => {
    const nameText = fc
      .string({
        unit: fc.constantFrom('a', ' ', "'", '"', '\\', '\n', '\x1b', '\u009b', '\u202e', '$', '`', 'é', '😀', '!'),
      })
      .filter((name) => name !== '');
    const samples = fc.sample(nameText, 60);
    const script = samples.map((name) => `printf '%s\\0' ${shellQuoted(name)}`).join('\n');
    const read = execFileSync('bash', ['-c', script]).toString('utf8').split('\0').slice(0, -1);
    assert.equal(read, samples);
  });
});

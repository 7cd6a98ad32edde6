// What is kept of a long text: all of a short one, the beginning and the end of a long one, however it comes.

import * as assert from 'uvu/assert';
import { Excerpt } from '../../src/transport/Excerpt.js';
import { describe } from '../helpers/describe.js';

function excerptOf(text: string, pieceChars: number): string {
  const excerpt = new Excerpt();
  for (let at = 0; at < text.length; at += pieceChars) excerpt.add(text.slice(at, at + pieceChars));
  return `${excerpt}`;
}

describe('an excerpt', (test) => {
  test('is the whole of a short text, in one line', () => {
    assert.is(excerptOf('\n one\n  two \r\n\nthree \n', 3), 'one / two / three');
    assert.is(`${new Excerpt()}`, '');
  });

  for (const pieceChars of [1, 7, 1024, 100_000]) {
    test(`is the beginning and the end of a long one that comes in pieces of ${pieceChars}`, () => {
      const whole = 'a'.repeat(1024) + 'b'.repeat(1024);
      assert.is(excerptOf(whole, pieceChars), whole);
      const cut = `${'a'.repeat(1024)}x${'b'.repeat(1024)}`;
      assert.is(excerptOf(cut, pieceChars), `${'a'.repeat(1024)} … ${'b'.repeat(1024)}`);
      const flood = `first${'-'.repeat(50_000)}last`;
      const shown = excerptOf(flood, pieceChars);
      assert.match(shown, /^first-+ … -+last$/);
      assert.is(shown.length, 2 * 1024 + 3);
    });
  }
});

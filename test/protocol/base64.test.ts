// Strictness of base64, against a reference.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { decodeBase64, encodedChars } from '../../src/protocol/base64.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648 section 4 with the padding required and the unused bits zero. */
const reference = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** Texts that are base64, or were until something was done to them. */
const almostBase64 = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9+/=_-]{0,12}$/),
  fc.string({ unit: 'binary', maxLength: 12 }),
  // Characters whose low bytes are base64.
  fc
    .array(fc.tuple(fc.nat(0xff), fc.constantFrom(...alphabet)), { maxLength: 8 })
    .map((pairs) => pairs.map(([high, low]) => String.fromCharCode(high * 256 + low.charCodeAt(0))).join('')),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.nat(), fc.constantFrom(...'=-_ \n\r\t\0.é✓,ÁA', ''))
    .map(([bytes, at, intruder]) => {
      const text = Buffer.from(bytes).toString('base64');
      const index = at % (text.length + 1);
      return text.slice(0, index) + intruder + text.slice(index + (at % 2));
    }),
);

describe('decodeBase64', (test) => {
  test('accepts exactly what the reference accepts', () => {
    fc.assert(
      fc.property(almostBase64, (text) => {
        assert.is(decodeBase64(text) !== undefined, reference.test(text));
      }),
      { numRuns: 4_000 },
    );
  });

  test('accepts exactly what an encoder would have written', () => {
    fc.assert(
      fc.property(almostBase64, (text) => {
        const bytes = decodeBase64(text);
        if (bytes !== undefined) assert.is(bytes.toString('base64'), text);
      }),
      { numRuns: 4_000 },
    );
  });

  test('gives back the bytes of every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        const bytes = Buffer.from(array);
        const text = bytes.toString('base64');
        assert.ok(decodeBase64(text)?.equals(bytes));
        assert.is(encodedChars(bytes.length), text.length);
      }),
    );
  });

  test('finds one wrong character wherever it stands in a long text', () => {
    const bytes = contentOf(200_000);
    const text = bytes.toString('base64');
    assert.ok(decodeBase64(text)?.equals(bytes));
    const places = [0, 1, 65_532, 65_535, 65_536, 65_537, 131_071, 131_072, text.length - 5];
    for (const at of places) {
      for (const intruder of ['=', '-', '\n', '!', '\xc1']) {
        assert.is(decodeBase64(text.slice(0, at) + intruder + text.slice(at + 1)), undefined, `${intruder} at ${at}`);
      }
    }
  });

  test('takes each last character only if its unused bits are zero', () => {
    for (const [index, character] of [...alphabet].entries()) {
      assert.is(decodeBase64(`A${character}==`) !== undefined, index % 16 === 0, `A${character}==`);
      assert.is(decodeBase64(`AA${character}=`) !== undefined, index % 4 === 0, `AA${character}=`);
    }
  });

  test('refuses characters above one byte whose low byte would be base64', () => {
    for (const text of ['ŁAAA', 'AAAā', 'ĀĀĀĀ', 'AA\u{1f600}']) assert.is(decodeBase64(text), undefined, text);
  });

  for (const text of [
    '=',
    '==',
    '===',
    '====',
    'A===',
    'AA=A',
    '=AAA',
    'AAAA====',
    'AA==AAAA',
    'AAA',
    'AAAAA',
    ' AAA',
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assert.is(decodeBase64(text), undefined);
    });
  }
});

// The fast way for chunks gives what the general parser gives, for every frame.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ProtocolError } from '../../src/errors.js';
import { bulkCounts, encodeFrame, parseFrame } from '../../src/protocol/bulk.js';
import { limits } from '../../src/protocol/limits.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';

/** What a frame means by JSON.parse alone, with the chunk that `parseFrame` took out put back as base64. */
function meaning(frame: Buffer): { fast: boolean; message: unknown; expected: unknown } {
  const before = bulkCounts.fast;
  const { message, chunk } = parseFrame(frame);
  if (chunk !== undefined) {
    const { params, result } = message as Record<string, Record<string, unknown> | undefined>;
    assert.not(params !== undefined && result !== undefined, 'the chunk could belong to either');
    const body = params ?? result;
    assert.is(body?.[chunk.field], '');
    if (body !== undefined) body[chunk.field] = chunk.bytes.toString('base64');
  }
  return { fast: bulkCounts.fast > before, message, expected: JSON.parse(frame.toString('utf8')) };
}

/** An object's text with its members in the order of `entries`, spaced by `space`. */
function objectText(entries: readonly (readonly [string, string])[], space: string): string {
  const members = entries.map(([name, value]) => `${space}"${name}"${space}:${space}${value}${space}`);
  return `{${members.join(',')}}`;
}

const chunkSizes = [0, 1, 2, 3, 700, 765, 766, 767, 768, 1023, 1024, 4095, 262_144, 1_048_575, 1_048_576];

describe('parseFrame', (test) => {
  for (const size of chunkSizes) {
    test(`reads a chunk of ${size} bytes with the members in any order`, () => {
      const base64 = JSON.stringify(contentOf(size).toString('base64'));
      for (const field of ['chunk', 'dataBase64']) {
        const body = [
          [field, base64],
          ['eof', 'false'],
          ['offset', '9'],
        ] as const;
        for (const bodyOrder of [body, [...body].reverse(), [body[1], body[0], body[2]]]) {
          for (const space of size > 100_000 ? [''] : ['', ' ', '\n\t']) {
            for (const outerOrder of [1, -1]) {
              const outer = [['id', '7'] as const, ['result', objectText(bodyOrder, space)] as const];
              if (outerOrder < 0) outer.reverse();
              const { message, expected } = meaning(Buffer.from(objectText(outer, space)));
              assert.equal(message, expected);
            }
          }
        }
      }
    });
  }

  test('takes the frames of real servers the fast way', () => {
    const chunk = contentOf(262_144).toString('base64');
    const frames = [
      `{"id":12,"result":{"chunk":"${chunk}","eof":false}}`,
      `{"id":12,"result":{"eof":false,"chunk":"${chunk}"}}`,
      `{"result":{"dataBase64":"${chunk}","eof":true},"id":12}`,
      `{"id":1,"method":"fs/writeBlock","params":{"handleId":"w1","offset":5,"chunk":"${chunk}"}}`,
      `{"jsonrpc":"2.0","id":1,"method":"fs/writeFile","params":{"path":"file:///${'x'.repeat(300)}","dataBase64":"${chunk}"}}`,
    ];
    for (const frame of frames) {
      const { fast, message, expected } = meaning(Buffer.from(frame));
      assert.is(fast, true, frame.slice(0, 80));
      assert.equal(message, expected);
    }
  });

  test('means the same as JSON.parse for frames of any shape', () => {
    const text = fc.constantFrom('"chunk":"', '\\"chunk\\":\\"', '","eof":true}}', 'AAAA', '=', '\\u0022', 'é✓', 'x');
    const anyText = fc.array(text, { maxLength: 12 }).map((parts) => JSON.stringify(parts.join('')));
    const base64 = fc
      .integer({ min: 600, max: 3000 })
      .map((size) => JSON.stringify(contentOf(size).toString('base64')));
    const value = fc.oneof(anyText, base64, base64, fc.json({ maxDepth: 2 }), fc.constant('{"chunk":"AAAA"}'));
    const name = fc.constantFrom('chunk', 'chunk', 'dataBase64', 'eof', 'x');
    const space = fc.constantFrom('', ' ', '\n');
    const body = fc.tuple(fc.array(fc.tuple(name, value), { maxLength: 4 }), space).map(([e, s]) => objectText(e, s));
    const names = fc.constantFrom(
      ['id', 'result'],
      ['params', 'id', 'method'],
      ['result', 'params'],
      ['chunk', 'result'],
      ['x'],
    );
    const outer = fc.tuple(names, fc.infiniteStream(fc.oneof(body, body, value)), space);
    let fast = 0;
    fc.assert(
      fc.property(outer, ([keys, values, spaces]) => {
        const entries = keys.map((key) => [key, values.next().value] as const);
        const outcome = meaning(Buffer.from(objectText(entries, spaces)));
        if (outcome.fast) fast++;
        assert.equal(JSON.stringify(outcome.message), JSON.stringify(outcome.expected));
      }),
      { numRuns: 2_000 },
    );
    assert.ok(fast > 0, 'no frame went the fast way');
  });

  const filler = 'A'.repeat(2000);
  const hostile: Record<string, string> = {
    'a chunk with an escape': `{"id":1,"result":{"chunk":"${filler}\\u0041AAA","eof":true}}`,
    'a chunk that is no base64': `{"id":1,"result":{"chunk":"${filler}A","eof":true}}`,
    'a chunk with foreign characters': `{"id":1,"result":{"chunk":"${filler}é✓","eof":true}}`,
    'two chunks': `{"id":1,"result":{"chunk":"${filler}","chunk":"AAAA"}}`,
    'two chunks, the long one last': `{"id":1,"result":{"chunk":"AAAA","chunk":"${filler}"}}`,
    'both fields': `{"id":1,"result":{"chunk":"${filler}","dataBase64":"AAAA"}}`,
    'a chunk in a string': JSON.stringify({ id: 1, result: { text: `"chunk":"${filler}"`, eof: true } }),
    'a name that ends in an escaped chunk': `{"id":1,"result":{"x\\"chunk":"${filler}","eof":true}}`,
    'a chunk outside the body': `{"id":1,"chunk":"${filler}","result":{}}`,
    'a chunk deeper in the body': `{"id":1,"result":{"a":{"chunk":"${filler}"}}}`,
    'a chunk in a list': `{"id":1,"result":[{"chunk":"${filler}"}]}`,
    'a chunk in params and one in result': `{"params":{"chunk":"AAAA"},"result":{"chunk":"${filler}"}}`,
    'an empty chunk outside beside a full one within': `{"result":{"x":{"chunk":"${filler}"},"chunk":""}}`,
    'an empty chunk within a full one': `{"result":{"chunk":"","x":{"chunk":"${filler}"}}}`,
    'a chunk in params and an empty one in result': `{"params":{"chunk":"${filler}"},"result":{"chunk":""}}`,
    'params that are null': `{"params":null,"result":{"chunk":"${filler}"}}`,
    'a prototype': `{"id":1,"result":{"__proto__":{"chunk":"${filler}"},"eof":true}}`,
    'a chunk as the prototype': `{"id":1,"__proto__":{"result":{"chunk":"${filler}"}}}`,
    'a long tail': `{"id":1,"result":{"chunk":"${filler}","x":"${filler}"}}`,
  };
  for (const [title, frame] of Object.entries(hostile)) {
    test(`means the same as JSON.parse for ${title}`, () => {
      const { message, expected } = meaning(Buffer.from(frame));
      assert.is(JSON.stringify(message), JSON.stringify(expected));
    });
  }

  const broken: Record<string, Buffer> = {
    'an empty frame': Buffer.alloc(0),
    'no JSON': Buffer.from('hello'),
    'a chunk without its end': Buffer.from(`{"id":1,"result":{"chunk":"${filler}`),
    'a frame cut behind the chunk': Buffer.from(`{"id":1,"result":{"chunk":"${filler}","eof":tr`),
    'a line break in a chunk': Buffer.from(`{"id":1,"result":{"chunk":"${filler}\n"}}`),
    'a NUL in a chunk': Buffer.from(`{"id":1,"result":{"chunk":"${filler}\0"}}`),
    'bytes that are not UTF-8': Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    'half a character': Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xe2, 0x9c]), Buffer.from('"}')]),
    'a surrogate written as UTF-8': Buffer.concat([
      Buffer.from('{"id":"'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"}'),
    ]),
    'bytes that are not UTF-8 beside a chunk': Buffer.concat([
      Buffer.from('{"id":"'),
      Buffer.from([0xff]),
      Buffer.from(`","result":{"chunk":"${filler}"}}`),
    ]),
    'bytes that are not UTF-8 behind a chunk': Buffer.concat([
      Buffer.from(`{"result":{"chunk":"${filler}"},"id":"`),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]),
    'two values': Buffer.from('{} {}'),
    'a BOM': Buffer.from('\ufeff{}'),
  };
  for (const [title, frame] of Object.entries(broken)) {
    test(`refuses ${title}`, () => {
      assert.throws(
        () => parseFrame(frame),
        (error: unknown) => error instanceof ProtocolError,
      );
    });
  }

  test('takes nesting up to the limit and refuses more', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    assert.ok(parseFrame(nested(limits.messageDepth)));
    assert.throws(() => parseFrame(nested(limits.messageDepth + 1)), /nested deeper than 128/);
    assert.throws(() => parseFrame(nested(1_000_000)), /nested deeper than 128/);
    assert.throws(() => parseFrame(Buffer.from('{"a":'.repeat(500_000))), /nested deeper than 128/);
  });

  test('does not count brackets in strings as nesting', () => {
    const text = '\\"[{'.repeat(300);
    assert.equal(parseFrame(Buffer.from(`{"a":"${text}"}`)).message, JSON.parse(`{"a":"${text}"}`));
  });

  test('leaves the prototype of all objects alone', () => {
    parseFrame(Buffer.from('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'));
    assert.is(({} as Record<string, unknown>).polluted, undefined);
  });
});

describe('encodeFrame', (test) => {
  test('writes what parseFrame reads, for chunks of every size and either field', () => {
    for (const size of chunkSizes) {
      for (const field of ['chunk', 'dataBase64'] as const) {
        const bytes = contentOf(size);
        for (const body of ['params', 'result']) {
          const frame = encodeFrame({ id: 1, [body]: { [field]: bytes, handleId: 'é✓"\\\n', eof: false } });
          const parsed = JSON.parse(frame.toString('utf8'));
          assert.equal(parsed, {
            id: 1,
            [body]: { handleId: 'é✓"\\\n', eof: false, [field]: bytes.toString('base64') },
          });
          const { chunk } = parseFrame(frame);
          if (chunk !== undefined) assert.ok(chunk.bytes.equals(bytes));
          assert.is(chunk !== undefined, frame.length >= 1024);
        }
      }
    }
  });

  test('writes messages without a chunk as JSON', () => {
    const messages = [
      { method: 'initialized' },
      { id: 'é', result: {} },
      { id: 1, error: { code: -32600, message: '✓' } },
    ];
    for (const message of messages) assert.is(encodeFrame(message).toString('utf8'), JSON.stringify(message));
  });
});

// Lines over byte streams, however the bytes are cut.

import { PassThrough, Readable, Writable } from 'node:stream';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { LineTransport } from '../../src/transport/lines.js';
import { describe } from '../helpers/describe.js';
import { recordTransport } from '../helpers/recordTransport.js';

function start({
  maxMessageBytes = 1000,
  readable = new PassThrough(),
  writable = new PassThrough() as Writable,
} = {}) {
  const transport = new LineTransport({ readable, writable, maxMessageBytes, peer: 'the server' });
  return { readable, writable, transport, record: recordTransport(transport) };
}

/** What arrives of `pieces`, and the reason of the end that follows them. */
async function receive(pieces: Iterable<Buffer>, maxMessageBytes = 1000) {
  const readable = Readable.from(pieces, { objectMode: false }) as unknown as PassThrough;
  const { record } = start({ readable, maxMessageBytes });
  const reason = await record.closed;
  assert.is(record.closings, 1);
  return { messages: record.messages, reason };
}

const byOne = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

describe('a line transport', (test) => {
  const table: Record<string, readonly [input: string, messages: string[]]> = {
    'one line': ['{"a":1}\n', ['{"a":1}']],
    'several lines': ['a\nb\nc\n', ['a', 'b', 'c']],
    'CR before LF': ['a\r\nb\r\n', ['a', 'b']],
    'a CR within': ['a\rb\n', ['a\rb']],
    'empty lines': ['\n\n\r\na\n\n', ['a']],
    'a BOM at the start': ['\ufeffa\n\ufeffb\n', ['a', '\ufeffb']],
    'a BOM alone on the first line': ['\ufeff\na\n', ['a']],
    'characters of several bytes': ['"é✓😀"\n', ['"é✓😀"']],
    'no line end at the end': ['a\nb', ['a']],
    'line separators of Unicode': ['a\u2028b\n', ['a\u2028b']],
  };
  for (const [title, [input, messages]] of Object.entries(table)) {
    test(`reads ${title}, whole and byte by byte`, async () => {
      for (const pieces of [[Buffer.from(input)], byOne(input)]) {
        assert.equal(await receive(pieces), {
          messages,
          reason: { text: 'the server closed its output', local: false },
        });
      }
    });
  }

  test('reads the same lines however they are cut', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n\ufeff]/g, ''));
    const cuts = fc.array(fc.nat(400), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 10 }), cuts, async (lines, at) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const bounds = [...new Set([0, ...at.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
        const pieces = bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
        assert.equal(
          (await receive(pieces)).messages,
          lines.filter((text) => text !== ''),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('ends at a line that is too long, whether or not its end has come', async () => {
    const tooLong = 'x'.repeat(11);
    for (const pieces of [[Buffer.from(`a\n${tooLong}\nb\n`)], byOne(`a\n${tooLong}`), byOne(`a\n${tooLong}\nb\n`)]) {
      const { messages, reason } = await receive(pieces, 10);
      assert.equal(messages, ['a']);
      assert.equal(reason, { text: 'the server sent a line of more than 10 bytes', local: false, isTooLarge: true });
    }
    assert.equal((await receive([Buffer.from('0123456789\n')], 10)).messages, ['0123456789']);
  });

  test('ends at empty lines without end, but not at some between messages', async () => {
    const some = '\n'.repeat(10_000);
    const { messages, reason } = await receive([Buffer.from(`${some}a\n${some}b\n${some}`), Buffer.from('\nc\n')]);
    assert.equal(messages, ['a', 'b']);
    const text = 'the server sent more than 10000 empty lines in a row';
    assert.equal(reason, { text, local: false, isTooLarge: true });
  });

  test('takes longer lines for as long as it is told to', async () => {
    const { readable, transport, record } = start({ maxMessageBytes: 10 });
    transport.limitMessages(20);
    readable.write(`${'x'.repeat(20)}\n`);
    await record.received(1);
    transport.limitMessages(10);
    readable.write('x'.repeat(11));
    assert.is((await record.closed).text, 'the server sent a line of more than 10 bytes');
  });

  test('writes a line for each message', async () => {
    const { transport, writable, record } = start();
    await transport.send(Buffer.from('{"a":"é"}'));
    await transport.send(Buffer.from('{}'));
    await transport.close('done');
    assert.is((writable as PassThrough).read().toString('utf8'), '{"a":"é"}\n{}\n');
    assert.equal(await record.closed, { text: 'done', local: true });
  });

  test('resolves sends after the end and delivers nothing more', async () => {
    const { transport, readable, record } = start();
    await transport.close('done');
    await transport.send(Buffer.from('late'));
    readable.write('late\n');
    await transport.close('again');
    await new Promise(setImmediate);
    assert.equal(record.messages, []);
    assert.equal(await record.closed, { text: 'done', local: true });
    assert.is(record.closings, 1);
  });

  test('resolves a send that is under way when its stream fails, and names the cause', async () => {
    const cause = new Error('EPIPE');
    const writable = new Writable({ write: (_chunk, _encoding, done) => void setImmediate(() => done(cause)) });
    const { transport, record } = start({ writable });
    await transport.send(Buffer.from('a'));
    assert.equal(await record.closed, { text: 'the server no longer reads its input', cause, local: false });
    assert.is(record.closings, 1);
  });

  test('counts what the stream has not taken yet', async () => {
    let release: () => void = () => {};
    const writable = new Writable({
      write: (_chunk, _encoding, done) => {
        release = done;
      },
    });
    const { transport } = start({ writable });
    const sent = transport.send(Buffer.from('abc'));
    assert.is(transport.queuedBytes, 4);
    release();
    await new Promise(setImmediate);
    release();
    await sent;
    assert.is(transport.queuedBytes, 0);
    const closed = transport.close('done');
    await closed;
  });

  test('reports a failing input with its cause', async () => {
    const { readable, record } = start();
    const cause = new Error('EIO');
    readable.destroy(cause);
    assert.equal(await record.closed, { text: 'reading from the server failed', cause, local: false });
  });

  test('ends when its input is destroyed without a word', async () => {
    const { readable, record } = start();
    readable.destroy();
    assert.is((await record.closed).local, false);
  });

  test('holds lines back while it is paused', async () => {
    const { transport, readable, record } = start();
    transport.pause();
    readable.write('held\n');
    await new Promise(setImmediate);
    assert.equal(record.messages, []);
    transport.resume();
    assert.equal(await record.received(1), ['held']);
    await transport.close('done');
  });

  test('disposes its owner once and closes only after that', async () => {
    const events: string[] = [];
    const transport = new LineTransport({
      readable: new PassThrough(),
      writable: new PassThrough(),
      maxMessageBytes: 10,
      peer: 'the server',
      dispose: async () => {
        await new Promise(setImmediate);
        events.push('disposed');
      },
    });
    recordTransport(transport);
    await Promise.all([transport.close('a'), transport.close('b')]);
    events.push('closed');
    assert.equal(events, ['disposed', 'closed']);
  });
});

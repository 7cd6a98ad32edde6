// The in-memory pair keeps the promises of a transport.

import * as assert from 'uvu/assert';
import { memoryTransportPair } from '../../src/transport/memory.js';
import { describe } from '../helpers/describe.js';
import { recordTransport } from '../helpers/recordTransport.js';

describe('a memory transport', (test) => {
  test('delivers messages in order, also those sent before the other side starts', async () => {
    const [left, right] = memoryTransportPair();
    for (const text of ['a', 'b', 'c']) void left.send(Buffer.from(text));
    const record = recordTransport(right);
    void left.send(Buffer.from('d'));
    assert.equal(await record.received(4), ['a', 'b', 'c', 'd']);
    await left.close('done');
  });

  test('delivers what was sent before a close, then the end, once', async () => {
    const [left, right] = memoryTransportPair();
    const record = recordTransport(right);
    void left.send(Buffer.from('last'));
    await left.close('done');
    await left.close('done again');
    const reason = await record.closed;
    assert.equal(record.messages, ['last']);
    assert.equal(reason, { text: 'the peer closed the connection: done', local: false });
    assert.is(record.closings, 1);
  });

  test('tells the side that closes its own reason, and only the first', async () => {
    const [left, right] = memoryTransportPair();
    const record = recordTransport(left);
    recordTransport(right);
    await left.close('first');
    await left.close('second');
    assert.equal(await record.closed, { text: 'first', local: true });
    assert.is(record.closings, 1);
  });

  test('drops what is sent after the end', async () => {
    const [left, right] = memoryTransportPair();
    const record = recordTransport(right);
    await left.close('done');
    await left.send(Buffer.from('late'));
    await right.send(Buffer.from('late'));
    await record.closed;
    assert.equal(record.messages, []);
  });

  test('holds messages back while it is paused', async () => {
    const [left, right] = memoryTransportPair();
    const record = recordTransport(right);
    right.pause();
    await left.send(Buffer.from('held'));
    await new Promise(setImmediate);
    assert.equal(record.messages, []);
    assert.is(left.queuedBytes, 4);
    right.resume();
    assert.equal(await record.received(1), ['held']);
    assert.is(left.queuedBytes, 0);
    await left.close('done');
  });

  test('takes a copy of what is sent', async () => {
    const [left, right] = memoryTransportPair();
    const record = recordTransport(right);
    const frame = Buffer.from('abc');
    await left.send(frame);
    frame.fill(0);
    assert.equal(await record.received(1), ['abc']);
    await left.close('done');
  });
});

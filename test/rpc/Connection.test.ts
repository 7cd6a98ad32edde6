// One connection against a peer whose every frame the test writes: ids, ends, aborts and deadlines.

import * as assert from 'uvu/assert';
import { CancelledError, ConnectionClosedError, ProtocolError, RpcError, TimeoutError } from '../../src/errors.js';
import { limits } from '../../src/protocol/limits.js';
import { Connection, type ConnectionOptions } from '../../src/rpc/Connection.js';
import type { PeerHandlers } from '../../src/rpc/PeerHandlers.js';
import { memoryTransportPair } from '../../src/transport/memory.js';
import type { Transport } from '../../src/transport/Transport.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { recordTransport } from '../helpers/recordTransport.js';

/** A connection, and the raw other end of its wire. */
function connect(options?: ConnectionOptions) {
  const [near, far] = memoryTransportPair();
  const connection = new Connection(near, options);
  const record = recordTransport(far);
  const say = (message: unknown) =>
    void far.send(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
  /** The first `count` messages that the connection sent. */
  const heard = async (count: number) =>
    (await record.received(count)).map((text) => JSON.parse(text) as { id: number });
  return { connection, say, heard, far, record };
}

/** `transport` with something else in the place of `parts` of it. */
function like(transport: Transport, parts: Partial<Transport>): Transport {
  return {
    start: (listener) => transport.start(listener),
    send: (frame) => transport.send(frame),
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    close: (reason) => transport.close(reason),
    queuedBytes: 0,
    ...parts,
  };
}

/** A transport that says which limits it was given, and keeps what it is sent. */
function limitedTransport(queuedBytes = 0) {
  const [near, far] = memoryTransportPair();
  const allowed: number[] = [];
  const transport = like(near, { queuedBytes, limitMessages: (maxBytes) => allowed.push(maxBytes) });
  return { transport, allowed, far, record: recordTransport(far) };
}

/** A connection over a transport that counts the acknowledgements, with so much that the peer has not read. */
function acknowledging(queuedBytes = 0) {
  const [near, far] = memoryTransportPair();
  let count = 0;
  const connection = new Connection(like(near, { queuedBytes, acknowledge: () => count++ }));
  const say = async (message: unknown) => {
    await far.send(Buffer.from(JSON.stringify(message)));
    // Delivered in one turn of the event loop, dealt with by the end of the next.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { connection, say, count: () => count };
}

const path = 'file:///a';
const metadata = { isDirectory: false, isFile: true, isSymlink: false, size: 5, createdAtMs: 0, modifiedAtMs: 1 };
const stat = (connection: Connection, options = {}) => connection.request('fs/getMetadata', { path }, options);

describe('a connection', (test) => {
  test('sends a request and resolves with its checked result', async () => {
    const { connection, say, heard } = connect();
    const answer = stat(connection);
    assert.equal(await heard(1), [{ id: 1, method: 'fs/getMetadata', params: { path } }]);
    say({ id: 1, result: { ...metadata, unknown: 1 } });
    assert.equal(await answer, metadata);
  });

  test('has so many requests on their way that a server can take, and the others in their order', async () => {
    const { connection, say, heard } = connect();
    const most = limits.requestsInFlight;
    const givenUp = new AbortController();
    const answers = Array.from({ length: most }, () => stat(connection));
    const unwanted = rejection(stat(connection, { signal: givenUp.signal }));
    answers.push(stat(connection), stat(connection));
    givenUp.abort(new CancelledError());
    assert.instance(await unwanted, CancelledError);
    await heard(most);
    const idOf = (index: number) => index + 1;
    const answer = (id: number) => say({ id, result: metadata });
    answer(idOf(3));
    assert.is((await heard(most + 1))[most]?.id, idOf(most + 1));
    answer(idOf(0));
    assert.is((await heard(most + 2))[most + 1]?.id, idOf(most + 2));
    for (const index of answers.keys()) if (index !== 3 && index !== 0) answer(idOf(index < most ? index : index + 1));
    assert.equal(await Promise.all(answers), Array(most + 2).fill(metadata));
  });

  test('begins no request that waited when it ended, and fails it with the reason', async () => {
    const { connection, heard, record } = connect();
    const most = limits.requestsInFlight;
    const answers = Array.from({ length: most + 1 }, () => rejection(stat(connection)));
    await heard(most);
    await connection.close('enough');
    for (const answer of answers) assert.instance(await answer, ConnectionClosedError);
    assert.is(record.messages.length, most);
  });

  test('ends when an answer comes to a request that waits for its turn', async () => {
    const { connection, say, heard } = connect();
    const most = limits.requestsInFlight;
    const answers = Array.from({ length: most + 1 }, () => rejection(stat(connection)));
    await heard(most);
    say({ id: most + 1, result: metadata });
    for (const answer of answers) assert.instance(await answer, ProtocolError);
  });

  test('matches answers in any order to their requests', async () => {
    const { connection, say, heard } = connect();
    const answers = [1, 2, 3].map(() => stat(connection));
    await heard(3);
    for (const id of [3, 1, 2]) say({ result: { ...metadata, size: id * 10 }, id });
    assert.equal(
      (await Promise.all(answers)).map((info) => info.size),
      [10, 20, 30],
    );
  });

  test('gives chunks as bytes, small and large', async () => {
    for (const size of [0, 1, 2000, 1_048_576]) {
      const { connection, say, heard } = connect();
      const answer = connection.request('fs/readBlock', { handleId: 'h', offset: 0, len: 1_048_576 });
      await heard(1);
      say({ id: 1, result: { chunk: contentOf(size).toString('base64'), eof: false } });
      const { chunk, eof } = await answer;
      assert.ok(chunk.equals(contentOf(size)));
      assert.is(eof, false);
    }
  });

  test('sends bytes as base64', async () => {
    const { connection, say, heard } = connect();
    const answer = connection.request('fs/writeBlock', { handleId: 'h', offset: 0, chunk: contentOf(2000) });
    const chunk = contentOf(2000).toString('base64');
    assert.equal(await heard(1), [{ id: 1, method: 'fs/writeBlock', params: { handleId: 'h', offset: 0, chunk } }]);
    say({ id: 1, result: {} });
    assert.equal(await answer, {});
  });

  test('rejects with the error of the peer and stays usable', async () => {
    const { connection, say, heard } = connect();
    const answer = stat(connection);
    await heard(1);
    say({ id: 1, error: { code: -32004, message: 'No such file or directory (os error 2)', data: 1 } });
    const { code, rpcCode, method } = await rejection(answer, RpcError);
    assert.equal({ code, rpcCode, method }, { code: 'not_found', rpcCode: -32004, method: 'fs/getMetadata' });
    const next = stat(connection);
    await heard(2);
    say({ id: 2, result: metadata });
    assert.equal(await next, metadata);
  });

  test('passes over notifications of the peer', async () => {
    const { connection, say, heard } = connect();
    const answer = stat(connection);
    await heard(1);
    say({ method: 'process/output', params: { chunk: 'x' } });
    say({ jsonrpc: '2.0', method: 'whatever' });
    say({ jsonrpc: '2.0', id: 1, result: metadata, extra: true });
    assert.equal(await answer, metadata);
  });

  test('answers requests of the peer with "unknown method"', async () => {
    const { say, heard, connection } = connect();
    say({ id: 'x', method: 'item/approve', params: {} });
    assert.equal(await heard(1), [{ id: 'x', error: { code: -32601, message: 'unknown method item/approve' } }]);
    assert.is(connection.endedBy, undefined);
  });

  test('drops the late answer to an aborted request, and only that one', async () => {
    const { connection, say, heard } = connect();
    const abort = new AbortController();
    const reason = new CancelledError('SIGINT');
    const aborted = stat(connection, { signal: abort.signal });
    const other = stat(connection);
    await heard(2);
    abort.abort(reason);
    assert.is(await rejection(aborted), reason);
    say({ id: 1, result: metadata });
    say({ id: 2, result: metadata });
    assert.equal(await other, metadata);
    say({ id: 1, result: metadata });
    await connection.closed;
    assert.instance(connection.endedBy, ProtocolError);
  });

  test('keeps an answer that came before the abort', async () => {
    const [near, far] = memoryTransportPair();
    const abort = new AbortController();
    const start = near.start.bind(near);
    // Aborted in the very turn in which the answer came.
    near.start = ({ message, closed }) => {
      const listener = (frame: Buffer) => {
        message(frame);
        abort.abort(new CancelledError());
      };
      start({ message: listener, closed });
    };
    const connection = new Connection(near);
    const record = recordTransport(far);
    const answer = stat(connection, { signal: abort.signal });
    await record.received(1);
    void far.send(Buffer.from(JSON.stringify({ id: 1, result: metadata })));
    assert.equal(await answer, metadata);
    assert.ok(abort.signal.aborted);
  });

  test('does not send a request whose signal is aborted already', async () => {
    const { connection, heard, say, record } = connect();
    assert.instance(
      await rejection(stat(connection, { signal: AbortSignal.abort(new CancelledError()) })),
      CancelledError,
    );
    const answer = stat(connection);
    await heard(1);
    say({ id: 1, result: metadata });
    await answer;
    assert.is(record.messages.length, 1);
  });
});

describe('a connection ends with a protocol error when the peer', (test) => {
  const frames: Record<string, readonly [frame: unknown, problem: RegExp]> = {
    'answers an id that was never used': [{ id: 77, result: {} }, /answered a request that was not made \(id 77\)/],
    'answers an id of another type': [{ id: '1', result: {} }, /\(id "1"\)/],
    'sends both a result and an error': [{ id: 1, result: {}, error: { code: 1, message: '' } }, /not both/],
    'sends neither a result nor an error': [{ id: 1 }, /needs a result or an error/],
    'sends an error without a code': [{ id: 1, error: { message: 'x' } }, /numeric code/],
    'sends an error that is a text': [{ id: 1, error: 'x' }, /numeric code/],
    'sends a fractional id': [{ id: 1.5, result: {} }, /the id must be/],
    'sends an id that is null': [{ id: null, result: {} }, /the id must be/],
    'sends a list': ['[]', /JSON-RPC object/],
    'sends null': ['null', /JSON-RPC object/],
    'sends a text': ['"hello"', /JSON-RPC object/],
    'sends an empty object': ['{}', /needs a method or an id/],
    'sends a method that is no text': [{ id: 1, method: 5 }, /method must be a string/],
    'sends no JSON': ['Welcome to the machine!', /not JSON/],
    'nests without end': ['['.repeat(100_000), /nested deeper/],
  };
  for (const [title, [frame, problem]] of Object.entries(frames)) {
    test(title, async () => {
      const { connection, say, heard, record } = connect();
      const answers = [stat(connection), stat(connection)];
      await heard(2);
      say(frame);
      const errors = await Promise.all(answers.map((answer) => rejection(answer, ProtocolError)));
      assert.is(errors[0], errors[1]);
      assert.match(errors[0]?.message ?? '', problem);
      assert.is(connection.endedBy, errors[0]);
      await record.closed;
      assert.is(await rejection(stat(connection)), errors[0]);
    });
  }

  test('answers a request twice', async () => {
    const { connection, say, heard } = connect();
    const answer = stat(connection);
    await heard(1);
    say({ id: 1, result: metadata });
    say({ id: 1, result: metadata });
    assert.equal(await answer, metadata);
    await connection.closed;
    assert.match(connection.endedBy?.message ?? '', 'not made (id 1)');
  });

  const results: Record<string, unknown> = {
    'lacks a member': { isFile: true },
    'has a member of another type': { ...metadata, isFile: 'yes' },
    'has a negative size': { ...metadata, size: -1 },
    'has a size beyond 2^53': { ...metadata, size: 2 ** 53 },
    'has a fractional size': { ...metadata, size: 0.5 },
    'is null': null,
    'is a list': [],
    'is a text': 'x',
  };
  for (const [title, result] of Object.entries(results)) {
    test(`sends a result that ${title}`, async () => {
      const { connection, say, heard } = connect();
      const other = stat(connection);
      const answer = stat(connection);
      await heard(2);
      say({ id: 2, result });
      const error = await rejection(answer, ProtocolError);
      assert.is(error.field, 'fs/getMetadata');
      assert.match(error.message, "the server's answer to fs/getMetadata is not valid");
      assert.is(await rejection(other), error);
    });
  }

  test('sends a chunk that is no base64', async () => {
    for (const chunk of ['AAA', `${'A'.repeat(4000)}!`, 'AA-_', 5]) {
      const { connection, say, heard } = connect();
      const answer = connection.request('fs/readBlock', { handleId: 'h', offset: 0, len: 9 });
      await heard(1);
      say({ id: 1, result: { chunk, eof: true } });
      assert.match((await rejection(answer, ProtocolError)).message, /chunk/);
    }
  });
});

describe('the end of a connection', (test) => {
  test('rejects each pending request once, with the first reason', async () => {
    const { connection, heard, far } = connect();
    let rejections = 0;
    const answers = [1, 2, 3].map(() =>
      stat(connection).catch((error: unknown) => {
        rejections++;
        return error;
      }),
    );
    await heard(3);
    const first = connection.close('first');
    await far.close('second');
    await connection.close(new ProtocolError('x', 'third'));
    await first;
    const errors = await Promise.all(answers);
    assert.is(rejections, 3);
    for (const error of errors) assert.is(error, connection.endedBy);
    assert.instance(errors[0], ConnectionClosedError);
    assert.is((errors[0] as ConnectionClosedError).reason, 'first');
  });

  test('by the peer comes after the answers that came before it', async () => {
    const { connection, say, heard, far } = connect();
    const answered = stat(connection);
    const unanswered = stat(connection);
    await heard(2);
    say({ id: 1, result: metadata });
    await far.close('bye');
    assert.equal(await answered, metadata);
    assert.is((await rejection(unanswered, ConnectionClosedError)).reason, 'the peer closed the connection: bye');
    await connection.closed;
  });

  test('makes later requests fail with its reason and later notifications vanish', async () => {
    const { connection, record } = connect();
    await connection.close('done');
    connection.notify('initialized');
    assert.is((await rejection(stat(connection), ConnectionClosedError)).reason, 'done');
    await record.closed;
    assert.equal(record.messages, []);
  });

  test('keeps the error that it was given', async () => {
    const { connection } = connect();
    const error = new TimeoutError('initialize', 5);
    const answer = stat(connection);
    await connection.close(error);
    assert.is(await rejection(answer), error);
  });
});

describe('the deadline of a connection', (test) => {
  test('ends it when a request has no answer for too long', async () => {
    const { connection, record } = connect({ idleTimeoutMs: 40 });
    const answers = [stat(connection), stat(connection)];
    const error = await rejection(Promise.race(answers), TimeoutError);
    assert.equal({ what: error.what, afterMs: error.afterMs }, { what: 'fs/getMetadata', afterMs: 40 });
    assert.is(await rejection(answers[1] ?? Promise.resolve()), error);
    await record.closed;
  });

  test('may be set for one request', async () => {
    const { connection } = connect();
    const error = await rejection(stat(connection, { timeoutMs: 40 }), TimeoutError);
    assert.is(error.afterMs, 40);
  });

  test('does not count for requests that wait behind others, as on a slow line, while these are answered', async () => {
    const { connection, say, heard } = connect({ idleTimeoutMs: 400 });
    const answers = [1, 2, 3, 4].map(() => stat(connection));
    await heard(4);
    // Each answer comes well within the time, the last one well after it.
    const startedAt = performance.now();
    for (const id of [1, 2, 3, 4]) {
      while (performance.now() - startedAt < id * 150) await new Promise((resolve) => setTimeout(resolve, 10));
      say({ id, result: metadata });
    }
    assert.equal(await Promise.all(answers), [metadata, metadata, metadata, metadata]);
  });

  test('counts when a request stands still, whatever becomes of those behind it', async () => {
    const { connection, say, heard } = connect({ idleTimeoutMs: 60 });
    const stuck = stat(connection);
    let id = 1;
    const chatter = (async () => {
      for (;;) {
        const answer = stat(connection);
        // The end may come before the answer is waited for.
        answer.catch(() => {});
        await heard(++id);
        say({ id, result: metadata });
        await answer;
      }
    })();
    const [stuckEnd] = await Promise.all([rejection(stuck, TimeoutError), rejection(chatter, TimeoutError)]);
    assert.is(stuckEnd.afterMs, 60);
  });

  test('counts for requests that wait for their turn behind others that were given up and are never answered', async () => {
    const { connection, heard } = connect({ idleTimeoutMs: 40 });
    const givenUp = new AbortController();
    const most = limits.requestsInFlight;
    const unwanted = Array.from({ length: most }, () => rejection(stat(connection, { signal: givenUp.signal })));
    await heard(most);
    givenUp.abort(new CancelledError());
    await Promise.all(unwanted);
    await rejection(stat(connection), TimeoutError);
  });

  test('is over with the last answer', async () => {
    const { connection, say, heard } = connect({ idleTimeoutMs: 40 });
    const answer = stat(connection);
    await heard(1);
    say({ id: 1, result: metadata });
    await answer;
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.is(connection.endedBy, undefined);
  });
});

describe('a connection with handlers', (test) => {
  function serve() {
    const events: unknown[] = [];
    const handlers: PeerHandlers = {
      request: ({ id, method, params, chunk }) => void events.push({ id, method, params, bytes: chunk?.bytes.length }),
      notification: (method, params) => void events.push({ method, params }),
      malformed: (problem) => void events.push({ problem }),
      closed: ({ text }) => void events.push({ text }),
    };
    return { ...connect({ handlers }), events };
  }

  test('hands on requests with their chunks, notifications, malformed messages and the end', async () => {
    const { say, far, connection, events } = serve();
    say({ id: 1, method: 'fs/writeBlock', params: { chunk: contentOf(3000).toString('base64') } });
    say({ id: '2', method: 'fs/close' });
    say({ method: 'initialized', params: {} });
    say('{');
    say({ id: 9, result: {} });
    await far.close('bye');
    await connection.closed;
    assert.equal(events, [
      { id: 1, method: 'fs/writeBlock', params: { chunk: '' }, bytes: 3000 },
      { id: '2', method: 'fs/close', params: undefined, bytes: undefined },
      { method: 'initialized', params: {} },
      { problem: 'the message is not JSON' },
      { problem: 'it answered a request that was not made (id 9)' },
      { text: 'the peer closed the connection: bye' },
    ]);
  });

  test('answers with results and errors', async () => {
    const { connection, heard } = serve();
    await connection.answer(1, { dataBase64: Buffer.from('hi'), eof: true });
    await connection.answerError('x', { code: -32600, message: 'no' });
    assert.equal(await heard(2), [
      { id: 1, result: { eof: true, dataBase64: 'aGk=' } },
      { id: 'x', error: { code: -32600, message: 'no' } },
    ] as never);
  });
});

describe('a connection with a hostile peer', (test) => {
  test('takes large messages only while it waits for one', async () => {
    const { transport, allowed, far, record } = limitedTransport();
    const connection = new Connection(transport);
    const reading = connection.request('fs/readFile', { path }, { maxAnswerBytes: limits.largestAnswerBytes });
    await record.received(1);
    assert.equal(allowed, [limits.largestAnswerBytes]);
    await far.send(Buffer.from('{"id":1,"result":{"dataBase64":""}}'));
    await reading;
    assert.equal(allowed, [limits.largestAnswerBytes, limits.clientMessageBytes]);
    await connection.close('done');
  });

  test('does not let refusals pile up that the peer does not read', async () => {
    const { transport, far } = limitedTransport(limits.unheardAnswerBytes + 1);
    const connection = new Connection(transport);
    await far.send(Buffer.from('{"id":1,"method":"fs/readFile"}'));
    await connection.closed;
    assert.match(connection.endedBy?.message ?? '', /sends requests and does not read the answers/);
  });
});

describe('a connection whose peer holds back what it has to say until the last was acknowledged', (test) => {
  test('acknowledges an answer where another is due and nothing is sent', async () => {
    const { connection, say, count } = acknowledging();
    const answers = Promise.allSettled([stat(connection), stat(connection), stat(connection)]);
    await say({ id: 1, result: metadata });
    assert.is(count(), 1);
    await say({ id: 2, error: { code: -32600, message: 'no' } });
    assert.is(count(), 2);
    await say({ id: 3, result: metadata });
    assert.is(count(), 2, 'nothing was due any more');
    assert.equal(
      (await answers).map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  test('leaves it to a request that is sent at once', async () => {
    const { connection, say, count } = acknowledging();
    const both = stat(connection).then(() => stat(connection));
    const other = stat(connection);
    await say({ id: 1, result: metadata });
    assert.is(count(), 0);
    await say({ id: 2, result: metadata });
    assert.is(count(), 1, 'the third was due');
    await say({ id: 3, result: metadata });
    await Promise.all([both, other]);
  });

  test('adds nothing to what a peer does not read', async () => {
    const { connection, say, count } = acknowledging(1);
    const answers = [stat(connection), stat(connection)];
    await say({ id: 1, result: metadata });
    assert.is(count(), 0);
    await say({ id: 2, result: metadata });
    await Promise.all(answers);
  });

  test('acknowledges a notification where another is waited for', async () => {
    const { connection, say, count } = acknowledging();
    let isWaiting = false;
    connection.listen(
      () => {},
      () => isWaiting,
    );
    await say({ method: 'process/output' });
    assert.is(count(), 0);
    isWaiting = true;
    await say({ method: 'process/output' });
    assert.is(count(), 1);
  });

  test('acknowledges the answer to a request that was given up', async () => {
    const { connection, say, count } = acknowledging();
    const givenUp = new AbortController();
    const unwanted = rejection(stat(connection, { signal: givenUp.signal }));
    const wanted = stat(connection);
    givenUp.abort(new CancelledError());
    await unwanted;
    await say({ id: 1, result: metadata });
    assert.is(count(), 1);
    await say({ id: 2, result: metadata });
    assert.equal(await wanted, metadata);
  });
});

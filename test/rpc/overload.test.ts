// A server that is too busy: what is asked again, how often, and what must not be.

import * as assert from 'uvu/assert';
import { HandlesDialect } from '../../src/dialects/handles.js';
import { CancelledError, RpcError } from '../../src/errors.js';
import { limits } from '../../src/protocol/limits.js';
import { describe, rejection } from '../helpers/describe.js';
import { type PeerAnswer, type Script, scriptedPeer } from '../helpers/scriptedPeer.js';

const busy: PeerAnswer = { error: { code: -32001, message: 'Server overloaded; retry later.' } };
const opened: PeerAnswer = { result: { maxChunkBytes: 4096 } };

/** Says that it is busy to the first `count` requests of `method`, and does all others. */
function busyFor(count: number, method: string): Script {
  let left = count;
  return (request) => {
    if (request.method === method && left-- > 0) return busy;
    return request.method.endsWith('/open') ? opened : { result: {} };
  };
}

describe('an overloaded server', (test) => {
  test('is asked again until it has time', async () => {
    const { connection, paramsOf } = scriptedPeer(busyFor(limits.overloadTries - 1, 'fs/remove'));
    await connection.request('fs/remove', { path: '/a' });
    assert.is(paramsOf('fs/remove').length, limits.overloadTries);
  });

  test('is not asked for ever', async () => {
    const { connection, paramsOf } = scriptedPeer(() => busy);
    const error = await rejection(connection.request('fs/remove', { path: '/a' }), RpcError);
    assert.equal([error.code, paramsOf('fs/remove').length], ['overloaded', limits.overloadTries]);
  });

  test('is not asked again after an abort', async () => {
    const abort = new AbortController();
    const { connection, received, paramsOf } = scriptedPeer(() => busy);
    const asking = connection.request('fs/remove', { path: '/a' }, { signal: abort.signal });
    await received(1);
    abort.abort(new CancelledError('SIGINT'));
    await rejection(asking, CancelledError);
    assert.is(paramsOf('fs/remove').length, 1);
  });

  test('is not waited for any longer once the pause before the next try is aborted', async () => {
    const abort = new AbortController();
    const { connection, received, paramsOf } = scriptedPeer(() => busy);
    const failure = rejection(
      connection.request('fs/remove', { path: '/a' }, { signal: abort.signal }),
      CancelledError,
    );
    await received(1);
    // The refusal takes a few turns; the pause behind it is far longer.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    abort.abort(new CancelledError('SIGINT'));
    assert.is((await failure).signal, 'SIGINT');
    assert.is(paramsOf('fs/remove').length, 1);
  });

  test('is not asked again after any other failure', async () => {
    const { connection, paramsOf } = scriptedPeer(() => ({ error: { code: -32603, message: 'Input/output error' } }));
    await rejection(connection.request('fs/remove', { path: '/a' }), RpcError);
    assert.is(paramsOf('fs/remove').length, 1);
  });

  test('gets a write again that no other has followed, and the next ones wait for it', async () => {
    const { connection, received, paramsOf } = scriptedPeer(busyFor(1, 'fs/writeFile/write'));
    const handle = await new HandlesDialect(connection).openWrite('/a', {});
    const first = handle.write(Buffer.from('1'));
    await received(2);
    // The transport in memory needs a few turns to deliver the refusal, and the pause before the next try is far longer.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    await Promise.all([first, handle.write(Buffer.from('2')), handle.write(Buffer.from('3'))]);
    const sent = paramsOf('fs/writeFile/write').map(({ dataBase64 }) =>
      Buffer.from(String(dataBase64), 'base64').toString(),
    );
    assert.equal(sent, ['1', '1', '2', '3']);
  });

  test('does not get a write again that others have followed: they may be in the file already', async () => {
    const { connection, paramsOf } = scriptedPeer(busyFor(1, 'fs/writeFile/write'));
    const handle = await new HandlesDialect(connection).openWrite('/a', {});
    const writes = [handle.write(Buffer.from('1')), handle.write(Buffer.from('2'))] as const;
    const [first, second] = await Promise.allSettled(writes);
    assert.equal([first.status, second.status], ['rejected', 'fulfilled']);
    assert.is(paramsOf('fs/writeFile/write').length, 2);
  });
});

// The client of the streaming file API: the requests that go out, word for word, and what it makes of the answers.

import * as assert from 'uvu/assert';
import { HandlesDialect } from '../../src/dialects/handles.js';
import { ConnectionClosedError, ProtocolError, RpcError } from '../../src/errors.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { answers, type PeerAnswer, type Script, scriptedPeer } from '../helpers/scriptedPeer.js';

const path = 'file:///a';
const opened: PeerAnswer = { result: { maxChunkBytes: 262_144 } };
const done: PeerAnswer = { result: {} };

function dialect(script: Script) {
  const peer = scriptedPeer(script);
  return { peer, dialect: new HandlesDialect(peer.connection) };
}

const chunk = (bytes: Buffer, eof: boolean): PeerAnswer => ({ result: { dataBase64: bytes.toString('base64'), eof } });

describe('reading through handles', (test) => {
  test('sends open, stat, read and close as they are written down', async () => {
    const facts = { sizeBytes: 5000, createdAtMs: 1, modifiedAtMs: 2 };
    const { peer, dialect: handles } = dialect(
      answers({
        'fs/readFile/open': opened,
        'fs/readFile/stat': { result: facts },
        'fs/readFile/read': chunk(contentOf(3000), true),
        'fs/readFile/close': done,
      }),
    );
    const handle = await handles.openRead(path, {});
    assert.is(handle.maxChunkBytes, 262_144);
    assert.equal(await handle.stat(), facts);
    const { bytes, eof } = await handle.read(2000, 4096);
    assert.ok(bytes.equals(contentOf(3000)) && eof);
    await handle.close();
    await handle.close();
    assert.equal(peer.requests, [
      { method: 'fs/readFile/open', params: { handleId: 'r1', path } },
      { method: 'fs/readFile/stat', params: { handleId: 'r1' } },
      { method: 'fs/readFile/read', params: { handleId: 'r1', offset: 2000, maxBytes: 4096 } },
      { method: 'fs/readFile/close', params: { handleId: 'r1' } },
    ]);
  });

  test('gives every handle of a connection an id of its own', async () => {
    const { peer, dialect: handles } = dialect(answers({ 'fs/readFile/open': opened, 'fs/writeFile/open': opened }));
    await Promise.all([handles.openRead(path, {}), handles.openRead(path, {}), handles.openWrite(path, {})]);
    assert.is(new Set(peer.requests.map(({ params }) => params.handleId)).size, 3);
  });

  for (const [offered, accepted] of [
    [1, 1],
    [4096, 4096],
    [1_048_576, 1_048_576],
    [1_048_577, 1_048_576],
    [2 ** 40, 1_048_576],
  ] as const) {
    test(`takes chunks of ${accepted} bytes where the server offers ${offered}`, async () => {
      const { dialect: handles } = dialect(answers({ 'fs/readFile/open': { result: { maxChunkBytes: offered } } }));
      assert.is((await handles.openRead(path, {})).maxChunkBytes, accepted);
    });
  }

  for (const offered of [0, -1, 1.5, 2 ** 60]) {
    test(`refuses chunks of ${offered} bytes, and closes the handle`, async () => {
      const open: PeerAnswer = { result: { maxChunkBytes: offered } };
      const script = answers({ 'fs/readFile/open': open, 'fs/writeFile/open': open });
      const { peer, dialect: handles } = dialect(script);
      await rejection(handles.openRead(path, {}), ProtocolError);
      await rejection(handles.openWrite(path, {}), ProtocolError);
      await peer.received(4);
      assert.equal(
        peer.requests.map(({ method }) => method),
        ['fs/readFile/open', 'fs/readFile/close', 'fs/writeFile/open', 'fs/writeFile/close'],
      );
    });
  }

  test('refuses an answer longer than what was asked for', async () => {
    const { dialect: handles } = dialect(
      answers({ 'fs/readFile/open': opened, 'fs/readFile/read': chunk(contentOf(101), false) }),
    );
    const handle = await handles.openRead(path, {});
    assert.is((await rejection(handle.read(0, 100), ProtocolError)).field, 'chunk');
  });

  test('gives a read up at an abort and drops its late answer', async () => {
    let answer: (value: PeerAnswer) => void = () => {};
    const { peer, dialect: handles } = dialect(({ method }) => {
      if (method !== 'fs/readFile/read') return method === 'fs/readFile/open' ? opened : done;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const handle = await handles.openRead(path, {});
    const abort = new AbortController();
    const reading = handle.read(0, 10, { signal: abort.signal });
    await peer.received(2);
    abort.abort(new Error('stop'));
    assert.is((await rejection(reading)).message, 'stop');
    answer(chunk(contentOf(10), true));
    await handle.close();
    assert.is(peer.connection.endedBy, undefined);
  });
});

describe('writing through handles', (test) => {
  test('sends open, writes and close as they are written down', async () => {
    const { peer, dialect: handles } = dialect(
      answers({ 'fs/writeFile/open': opened, 'fs/writeFile/write': done, 'fs/writeFile/close': done }),
    );
    const handle = await handles.openWrite(path, { sizeBytes: 3 });
    assert.ok(handle.isDestinationTouched);
    await handle.write(Buffer.from('abc'));
    await handle.write(Buffer.alloc(0));
    await handle.close();
    await handle[Symbol.asyncDispose]();
    assert.equal(peer.requests, [
      { method: 'fs/writeFile/open', params: { handleId: 'w1', path } },
      { method: 'fs/writeFile/write', params: { handleId: 'w1', dataBase64: 'YWJj' } },
      { method: 'fs/writeFile/write', params: { handleId: 'w1', dataBase64: '' } },
      { method: 'fs/writeFile/close', params: { handleId: 'w1' } },
    ]);
  });

  test('does not wait for one write before it sends the next, and closes behind the answers', async () => {
    const waiting: ((answer: PeerAnswer) => void)[] = [];
    const { peer, dialect: handles } = dialect(({ method }) => {
      if (method !== 'fs/writeFile/write') return method === 'fs/writeFile/open' ? opened : done;
      return new Promise((resolve) => waiting.push(resolve));
    });
    const handle = await handles.openWrite(path, {});
    const writing = [1, 2, 3].map((size) => handle.write(contentOf(size)));
    const closing = handle.close();
    await peer.received(4);
    assert.is(peer.paramsOf('fs/writeFile/close').length, 0);
    for (const answer of waiting) answer(done);
    await Promise.all([...writing, closing]);
    assert.is(peer.requests.at(-1)?.method, 'fs/writeFile/close');
  });

  test('closes behind a failed write too', async () => {
    const { peer, dialect: handles } = dialect(
      answers({
        'fs/writeFile/open': opened,
        'fs/writeFile/write': { error: { code: -32603, message: 'No space left on device (os error 28)' } },
        'fs/writeFile/close': done,
      }),
    );
    const handle = await handles.openWrite(path, {});
    assert.is((await rejection(handle.write(Buffer.from('a')), RpcError)).code, 'no_space');
    await handle.close();
    assert.is(peer.paramsOf('fs/writeFile/close').length, 1);
  });

  test('sends the bytes as they were when write was called', async () => {
    const { peer, dialect: handles } = dialect(answers({ 'fs/writeFile/open': opened, 'fs/writeFile/write': done }));
    const handle = await handles.openWrite(path, {});
    const bytes = Buffer.from('abc');
    const writing = handle.write(bytes);
    bytes.fill(0);
    await writing;
    assert.is(peer.paramsOf('fs/writeFile/write')[0]?.dataBase64, 'YWJj');
  });

  test('fails with the reason when the connection ends', async () => {
    const { peer, dialect: handles } = dialect(({ method }) => (method === 'fs/writeFile/open' ? opened : 'silence'));
    const handle = await handles.openWrite(path, {});
    const writing = handle.write(Buffer.from('a'));
    await peer.received(2);
    await peer.hangUp();
    await rejection(writing, ConnectionClosedError);
    await rejection(handle.close(), ConnectionClosedError);
  });
});

describe('an open that is given up', (test) => {
  for (const direction of ['openRead', 'openWrite'] as const) {
    test(`is closed when it comes late: ${direction}`, async () => {
      let answer: (value: PeerAnswer) => void = () => {};
      const { peer, dialect: handles } = dialect(({ method }) => {
        if (method.endsWith('close')) return done;
        return new Promise((resolve) => {
          answer = resolve;
        });
      });
      const abort = new AbortController();
      const opening = handles[direction](path, { signal: abort.signal });
      await peer.received(1);
      abort.abort(new Error('stop'));
      assert.is((await rejection(opening)).message, 'stop');
      assert.is(peer.requests.length, 1);
      answer(opened);
      await peer.received(2);
      const [first, second] = peer.requests;
      assert.equal(second?.method, first?.method.replace('open', 'close'));
      assert.equal(second?.params, { handleId: first?.params.handleId });
    });

    test(`is not closed when it fails late: ${direction}`, async () => {
      let answer: (value: PeerAnswer) => void = () => {};
      const { peer, dialect: handles } = dialect(
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      );
      const abort = new AbortController();
      const opening = handles[direction](path, { signal: abort.signal });
      await peer.received(1);
      abort.abort(new Error('stop'));
      await rejection(opening);
      answer({ error: { code: -32004, message: 'No such file or directory (os error 2)' } });
      const probe = peer.connection.request('fs/getMetadata', { path });
      await peer.received(2);
      assert.is(peer.requests[1]?.method, 'fs/getMetadata');
      answer({ error: { code: -32004, message: 'gone' } });
      await rejection(probe);
    });

    test(`is not sent when it was given up before: ${direction}`, async () => {
      const { peer, dialect: handles } = dialect(() => opened);
      await rejection(handles[direction](path, { signal: AbortSignal.abort(new Error('stop')) }));
      assert.is(peer.requests.length, 0);
    });
  }
});

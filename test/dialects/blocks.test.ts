// The client of what released exec-servers stream with: the requests that go out, and the habits of the versions.

import * as assert from 'uvu/assert';
import { BlocksDialect } from '../../src/dialects/blocks.js';
import { ProtocolError, RpcError } from '../../src/errors.js';
import { readAhead } from '../../src/transfer/readAhead.js';
import { Window } from '../../src/transfer/Window.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { answers, type PeerAnswer, type Script, scriptedPeer } from '../helpers/scriptedPeer.js';

const path = 'file:///a';
const opened: PeerAnswer = { result: { handleId: 'b1' } };
const done: PeerAnswer = { result: {} };
const unknownHandle: PeerAnswer = { error: { code: -32004, message: 'unknown file handle `b1`' } };

function dialect(script: Script) {
  const peer = scriptedPeer(script);
  return { peer, dialect: new BlocksDialect(peer.connection) };
}

/** A server with one file; as 0.142 it closes a handle whose read reported the end. */
function serverOf(content: Buffer, closesAtEnd: boolean): Script {
  let isOpen = false;
  return answers({
    'fs/open': () => {
      isOpen = true;
      return opened;
    },
    'fs/readBlock': ({ offset, len }) => {
      if (!isOpen) return unknownHandle;
      const bytes = content.subarray(Number(offset), Number(offset) + Number(len));
      const eof = bytes.length < Number(len);
      if (eof && closesAtEnd) isOpen = false;
      return { result: { chunk: bytes.toString('base64'), eof } };
    },
    'fs/close': () => (isOpen ? done : unknownHandle),
  });
}

describe('reading blocks', (test) => {
  test('sends open without a mode, readBlock, getMetadata and close as they are written down', async () => {
    const metadata = { isDirectory: false, isFile: true, isSymlink: false, size: 5, createdAtMs: 0, modifiedAtMs: 7 };
    const { peer, dialect: blocks } = dialect(
      answers({
        'fs/open': opened,
        'fs/readBlock': { result: { chunk: 'YWJj', eof: true } },
        'fs/getMetadata': { result: metadata },
        'fs/close': done,
      }),
    );
    const handle = await blocks.openRead(path, {});
    assert.is(handle.maxChunkBytes, 262_144);
    assert.equal(await handle.read(4, 1000), { bytes: Buffer.from('abc'), eof: true });
    assert.equal(await handle.stat(), { sizeBytes: 5, modifiedAtMs: 7 });
    await handle.close();
    await handle[Symbol.asyncDispose]();
    assert.equal(peer.requests, [
      { method: 'fs/open', params: { handleId: 'b1', path } },
      { method: 'fs/readBlock', params: { handleId: 'b1', offset: 4, len: 1000 } },
      { method: 'fs/getMetadata', params: { path } },
      { method: 'fs/close', params: { handleId: 'b1' } },
    ]);
  });

  test('does not know the size where the server does not say', async () => {
    const metadata = { isDirectory: false, isFile: true, createdAtMs: 0, modifiedAtMs: 7 };
    const { dialect: blocks } = dialect(answers({ 'fs/open': opened, 'fs/getMetadata': { result: metadata } }));
    const handle = await blocks.openRead(path, {});
    assert.equal(await handle.stat(), { sizeBytes: undefined, modifiedAtMs: 7 });
  });

  test('keeps its handle ids within what servers take', async () => {
    const { peer, dialect: blocks } = dialect(answers({ 'fs/open': opened }));
    for (let count = 0; count < 1000; count++) await blocks.openRead(path, {});
    const ids = peer.paramsOf('fs/open').map(({ handleId }) => String(handleId));
    assert.is(new Set(ids).size, 1000);
    assert.ok(ids.every((id) => Buffer.byteLength(id) <= 32));
  });

  test('refuses an answer longer than what was asked for', async () => {
    const { dialect: blocks } = dialect(
      answers({ 'fs/open': opened, 'fs/readBlock': { result: { chunk: 'YWJj', eof: false } } }),
    );
    const handle = await blocks.openRead(path, {});
    await rejection(handle.read(0, 2), ProtocolError);
  });

  for (const sizeBytes of [0, 1, 16_384, 16_385, 300_000]) {
    for (const closesAtEnd of [false, true]) {
      test(`reads ${sizeBytes} bytes ahead of a server that ${closesAtEnd ? 'closes' : 'keeps'} the handle at the end`, async () => {
        const content = contentOf(sizeBytes);
        const { dialect: blocks } = dialect(serverOf(content, closesAtEnd));
        const handle = await blocks.openRead(path, {});
        const window = new Window({ maxBytes: 131_072, maxChunkBytes: 16_384 });
        const parts: Buffer[] = [];
        const read = handle.read.bind(handle);
        for await (const chunk of readAhead(read, { window, expectedEnd: undefined })) parts.push(chunk.bytes);
        await handle.close();
        assert.ok(Buffer.concat(parts).equals(content));
      });
    }
  }

  test('opens again what was refused while a handle was being closed, and not what no closing can make room for', async () => {
    const full: PeerAnswer = { error: { code: -32600, message: 'at most 1 file handles may be open per connection' } };
    let isHeld = false;
    let close: () => void = () => {};
    const { peer, dialect: blocks } = dialect(({ method }) => {
      if (method === 'fs/open') {
        if (isHeld) return full;
        isHeld = true;
        return opened;
      }
      return new Promise((resolve) => {
        close = () => {
          isHeld = false;
          resolve(done);
        };
      });
    });
    const first = await blocks.openRead(path, {});
    assert.is((await rejection(blocks.openRead(path, {}), RpcError)).code, 'too_many_open_files');
    void first.close();
    const second = blocks.openRead(path, {});
    await peer.received(4);
    close();
    await second;
    assert.equal(
      peer.requests.map(({ method }) => method),
      ['fs/open', 'fs/open', 'fs/close', 'fs/open', 'fs/open'],
    );
  });

  test('fails when the close is refused for another reason', async () => {
    const { dialect: blocks } = dialect(
      answers({
        'fs/open': opened,
        'fs/close': { error: { code: -32603, message: 'Input/output error (os error 5)' } },
      }),
    );
    const handle = await blocks.openRead(path, {});
    assert.is((await rejection(handle.close(), RpcError)).code, 'io_error');
  });
});

describe('writing blocks', (test) => {
  test('sends open to replace, blocks at their offsets and close as they are written down', async () => {
    const { peer, dialect: blocks } = dialect(answers({ 'fs/open': opened, 'fs/writeBlock': done, 'fs/close': done }));
    const handle = await blocks.openWrite(path, {});
    await Promise.all([
      handle.write(Buffer.from('abc')),
      handle.write(Buffer.alloc(0)),
      handle.write(Buffer.from('d')),
    ]);
    await handle.close();
    assert.equal(peer.requests, [
      { method: 'fs/open', params: { handleId: 'b1', path, mode: 'replace' } },
      { method: 'fs/writeBlock', params: { handleId: 'b1', offset: 0, chunk: 'YWJj' } },
      { method: 'fs/writeBlock', params: { handleId: 'b1', offset: 3, chunk: 'ZA==' } },
      { method: 'fs/close', params: { handleId: 'b1' } },
    ]);
  });

  test('goes on at the offset behind a failed block, so that nothing moves to its place', async () => {
    const { peer, dialect: blocks } = dialect(
      answers({
        'fs/open': opened,
        'fs/writeBlock': ({ offset }) =>
          offset === 0 ? { error: { code: -32001, message: 'Server overloaded; retry later.' } } : done,
      }),
    );
    const handle = await blocks.openWrite(path, {});
    const first = handle.write(Buffer.from('abc'));
    await handle.write(Buffer.from('d'));
    assert.is((await rejection(first, RpcError)).code, 'overloaded');
    assert.equal(
      peer.paramsOf('fs/writeBlock').map(({ offset }) => offset),
      [0, 3],
    );
  });

  test('closes only behind the answers to its blocks', async () => {
    const waiting: ((answer: PeerAnswer) => void)[] = [];
    const { peer, dialect: blocks } = dialect(({ method }) => {
      if (method !== 'fs/writeBlock') return method === 'fs/open' ? opened : done;
      return new Promise((resolve) => waiting.push(resolve));
    });
    const handle = await blocks.openWrite(path, {});
    const writing = [handle.write(Buffer.from('a')), handle.write(Buffer.from('b'))];
    const closing = handle.close();
    await peer.received(3);
    assert.is(peer.paramsOf('fs/close').length, 0);
    for (const answer of waiting) answer(done);
    await Promise.all([...writing, closing]);
  });

  for (const direction of ['openRead', 'openWrite'] as const) {
    test(`closes a handle whose ${direction} was given up`, async () => {
      let answer: (value: PeerAnswer) => void = () => {};
      const { peer, dialect: blocks } = dialect(({ method }) => {
        if (method === 'fs/close') return done;
        return new Promise((resolve) => {
          answer = resolve;
        });
      });
      const abort = new AbortController();
      const opening = blocks[direction](path, { signal: abort.signal });
      await peer.received(1);
      abort.abort(new Error('stop'));
      await rejection(opening);
      answer(opened);
      await peer.received(2);
      assert.equal(peer.requests[1], { method: 'fs/close', params: { handleId: 'b1' } });
    });
  }
});

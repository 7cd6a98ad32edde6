// The client of servers that have whole files only: one message each way, bounds that are refused before anything is sent,
// and memory that is nobody else's.

import * as assert from 'uvu/assert';
import { BufferedDialect } from '../../src/dialects/buffered.js';
import { CodexfsError, ConnectionClosedError } from '../../src/errors.js';
import { recycleChunk, takeChunk } from '../../src/protocol/chunkPool.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { answers, type PeerAnswer, type Script, scriptedPeer } from '../helpers/scriptedPeer.js';
import { refusal, type ScriptTable, scriptedShell } from '../helpers/scriptedShell.js';

const path = '/a';
const MiB = 1024 * 1024;
const done: PeerAnswer = { result: {} };

function dialect(script: Script) {
  const peer = scriptedPeer(script);
  return { peer, dialect: new BufferedDialect(peer.connection) };
}

const metadata = (size?: number, modifiedAtMs = 7): PeerAnswer => ({
  result: { isDirectory: false, isFile: true, size, createdAtMs: 0, modifiedAtMs },
});
const file = (content: Buffer): PeerAnswer => ({ result: { dataBase64: content.toString('base64') } });

/** Fills all memory that was given back with garbage, as other transfers do. */
function scribble(): void {
  for (let count = 0; count < 9; count++) takeChunk(MiB).fill(0xee);
}

describe('reading a whole file', (test) => {
  test('asks for its facts and its content, and reads from memory', async () => {
    const { peer, dialect: buffered } = dialect(
      answers({ 'fs/getMetadata': metadata(5), 'fs/readFile': file(Buffer.from('abcde')) }),
    );
    const handle = await buffered.openRead(path, {});
    assert.equal(await handle.stat(), { sizeBytes: 5, modifiedAtMs: 7 });
    assert.equal(await handle.read(0, 3), { bytes: Buffer.from('abc'), eof: false });
    assert.equal(await handle.read(3, 2), { bytes: Buffer.from('de'), eof: true });
    assert.equal(await handle.read(9, 2), { bytes: Buffer.alloc(0), eof: true });
    await handle.close();
    assert.equal(peer.requests, [
      { method: 'fs/getMetadata', params: { path } },
      { method: 'fs/readFile', params: { path } },
    ]);
  });

  test('asks the path again when it is asked for facts a second time', async () => {
    let asked = 0;
    const { dialect: buffered } = dialect(
      answers({ 'fs/getMetadata': () => metadata(5, ++asked), 'fs/readFile': file(Buffer.from('abcde')) }),
    );
    const handle = await buffered.openRead(path, {});
    assert.equal(await handle.stat(), { sizeBytes: 5, modifiedAtMs: 1 });
    assert.equal(await handle.stat(), { sizeBytes: 5, modifiedAtMs: 2 });
  });

  test('refuses a file that no message could hold before it asks for it', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/getMetadata': metadata(48 * MiB) }));
    assert.is((await rejection(buffered.openRead(path, {}), CodexfsError)).code, 'limit_exceeded');
    assert.is(peer.paramsOf('fs/readFile').length, 0);
  });

  test('keeps the rest of the content when the memory of a part is used again', async () => {
    const content = contentOf(MiB);
    const { dialect: buffered } = dialect(answers({ 'fs/getMetadata': metadata(), 'fs/readFile': file(content) }));
    const handle = await buffered.openRead(path, {});
    const { bytes } = await handle.read(0, 256 * 1024);
    recycleChunk(bytes);
    scribble();
    assert.ok((await handle.read(256 * 1024, 256 * 1024)).bytes.equals(content.subarray(256 * 1024, 512 * 1024)));
  });
});

describe('writing a whole file', (test) => {
  test('sends nothing before the close, and then everything once', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/writeFile': done }));
    const handle = await buffered.openWrite(path, { sizeBytes: 5 });
    await handle.write(Buffer.from('abc'));
    await handle.write(Buffer.from('de'));
    assert.not(handle.isDestinationTouched);
    assert.is(peer.requests.length, 0);
    await handle.close();
    await handle.close();
    assert.ok(handle.isDestinationTouched);
    assert.equal(peer.requests, [{ method: 'fs/writeFile', params: { path, dataBase64: 'YWJjZGU=' } }]);
  });

  test('reads a small file that was seen without a look at it, and none that is another by now', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/readFile': { result: { dataBase64: 'YWJjZGU=' } } }));
    const seen = (sizeBytes: number) => ({ seen: { sizeBytes, modifiedAtMs: 7 } });
    assert.equal(await buffered.readWhole(path, 5, seen(5)), { bytes: Buffer.from('abcde'), modifiedAtMs: 7 });
    assert.is(await buffered.readWhole(path, 5, seen(4)), undefined);
    assert.equal(peer.requests, Array(2).fill({ method: 'fs/readFile', params: { path } }));
    // Those that are empty, or long, are not asked for.
    assert.is(await buffered.readWhole(path, 5, seen(0)), undefined);
    assert.is(await buffered.readWhole(path, 5, seen(6)), undefined);
    assert.is(peer.requests.length, 2);
  });

  test('writes an empty file', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/writeFile': done }));
    await (await buffered.openWrite(path, {})).close();
    assert.equal(peer.requests, [{ method: 'fs/writeFile', params: { path, dataBase64: '' } }]);
  });

  test('sends nothing when it is abandoned', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/writeFile': done }));
    const handle = await buffered.openWrite(path, {});
    await handle.write(Buffer.from('abc'));
    await handle[Symbol.asyncDispose]();
    assert.is(peer.requests.length, 0);
    assert.not(handle.isDestinationTouched);
  });

  test('sends what was written although the caller uses its memory again', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/writeFile': done }));
    const handle = await buffered.openWrite(path, {});
    const chunk = takeChunk(100_000);
    contentOf(100_000).copy(chunk);
    await handle.write(chunk);
    recycleChunk(chunk);
    scribble();
    await handle.close();
    assert.ok(peer.requests[0]?.params.dataBase64 === contentOf(100_000).toString('base64'), 'other bytes were sent');
  });

  test('refuses what no message could hold before it touches anything, by its size', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/writeFile': done }));
    const failure = await rejection(buffered.openWrite(path, { sizeBytes: 5 * MiB + 1 }), CodexfsError);
    assert.is(failure.code, 'limit_exceeded');
    assert.ok(failure.hint?.includes('0.162'));
    await buffered.openWrite(path, { sizeBytes: 5 * MiB });
    assert.is(peer.requests.length, 0);
  });

  test('refuses what no message could hold before it touches anything, by what came', async () => {
    const { peer, dialect: buffered } = dialect(answers({ 'fs/writeFile': done }));
    const handle = await buffered.openWrite(path, {});
    for (let count = 0; count < 5; count++) await handle.write(Buffer.alloc(MiB));
    assert.is((await rejection(handle.write(Buffer.alloc(1)), CodexfsError)).code, 'limit_exceeded');
    assert.is((await rejection(handle.close(), CodexfsError)).code, 'limit_exceeded');
    assert.is(peer.requests.length, 0);
  });

  test('keeps the request of the largest file below what servers take', async () => {
    let frameBytes = 0;
    const { dialect: buffered } = dialect(({ params }) => {
      frameBytes = JSON.stringify(params).length;
      return done;
    });
    const handle = await buffered.openWrite(path, {});
    for (let count = 0; count < 5; count++) await handle.write(Buffer.alloc(MiB));
    await handle.close();
    assert.ok(frameBytes < 8 * MiB);
  });

  test('fails when the connection ends before the answer', async () => {
    const { peer, dialect: buffered } = dialect(() => 'silence');
    const handle = await buffered.openWrite(path, {});
    const closing = handle.close();
    await peer.received(1);
    await peer.hangUp();
    await rejection(closing, ConnectionClosedError);
    assert.ok(handle.isDestinationTouched);
  });
});

describe('a whole file without a handle', (test) => {
  test('is not given where its size is not what it said, or it said none', async () => {
    for (const [told, expected] of [
      [5, { bytes: Buffer.from('abcde'), modifiedAtMs: 7 }],
      [4, undefined],
      [0, undefined],
      [undefined, undefined],
      [100, undefined],
    ] as const) {
      const { dialect: buffered } = dialect(
        answers({ 'fs/getMetadata': metadata(told), 'fs/readFile': file(Buffer.from('abcde')) }),
      );
      assert.equal(await buffered.readWhole(path, 99, {}), expected, `a size of ${told}`);
    }
  });
});

describe('what is beyond a message', (test) => {
  /** A server of whole files that runs shells too, and a file of `size` bytes on it. */
  function beyond(size: number | undefined, table: ScriptTable = {}) {
    const shell = scriptedShell({
      'fs/getMetadata': metadata(size),
      'fs/readFile': file(Buffer.from('abcde')),
      'fs/writeFile': done,
      ...table,
    });
    return { ...shell, buffered: new BufferedDialect(shell.peer.connection, shell.dialect) };
  }
  const noShell: ScriptTable = { 'process/start': refusal('No such file or directory (os error 2)') };

  test('goes through a shell, and nothing of it in one message', async () => {
    for (const size of [8 * MiB + 1, undefined]) {
      const { buffered, peer, prints } = beyond(size);
      const opening = buffered.openRead(path, {});
      await peer.received(4);
      await prints('stdout', '5\n');
      assert.equal(await (await opening).stat(), { sizeBytes: 5, modifiedAtMs: 7 });
      assert.is(peer.paramsOf('fs/readFile').length, 0);
    }
    for (const sizeBytes of [5 * MiB + 1, undefined]) {
      const { buffered, peer, prints } = beyond(0);
      const opening = buffered.openWrite(path, { sizeBytes });
      await peer.received(3);
      await prints('stdout', 'ready\n');
      assert.ok((await opening).isDestinationTouched);
      assert.is(peer.paramsOf('fs/writeFile').length, 0);
    }
  });

  test('is left to one message where it fits and no shell can be had', async () => {
    const { buffered, peer } = beyond(8 * MiB + 1, noShell);
    assert.equal(await (await buffered.openRead(path, {})).read(0, 9), { bytes: Buffer.from('abcde'), eof: true });
    await (await buffered.openWrite(path, {})).close();
    assert.is(peer.paramsOf('fs/writeFile').length, 1);
  });

  test('is refused where it does not fit and no shell can be had', async () => {
    const { buffered } = beyond(48 * MiB, noShell);
    for (const opening of [buffered.openRead(path, {}), buffered.openWrite(path, { sizeBytes: 5 * MiB + 1 })]) {
      assert.is((await rejection(opening, CodexfsError)).code, 'limit_exceeded');
    }
  });

  test('fails as the shell does for any other reason', async () => {
    const { buffered, peer, ends } = beyond(48 * MiB);
    const failure = rejection(buffered.openRead(path, {}), CodexfsError);
    await peer.received(4);
    await ends(91);
    assert.is((await failure).code, 'is_directory');
  });
});

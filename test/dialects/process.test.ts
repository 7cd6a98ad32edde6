// File contents through a shell on a server, from a peer that tells in any order what the shell printed.

import { setImmediate } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { CodexfsError, ConnectionClosedError, ProtocolError } from '../../src/errors.js';
import type { ReadHandle, WriteHandle } from '../../src/fs/FileSystem.js';
import { limits } from '../../src/protocol/limits.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { refusal, type ScriptedShell, type ScriptTable, scriptedShell } from '../helpers/scriptedShell.js';

const KiB = 1024;
const path = '/a';

/** A server that has started the shell of one read, and what the shell prints. */
async function reading(sizeBytes: number, table?: ScriptTable): Promise<ScriptedShell & { handle: ReadHandle }> {
  const shell = scriptedShell(table);
  const opening = shell.dialect.openRead(path, {});
  await shell.peer.received(3);
  await shell.prints('stdout', `${sizeBytes}\n`);
  return Object.assign(shell, { handle: await opening });
}

/** The same for one write. */
async function writing(table?: ScriptTable): Promise<ScriptedShell & { handle: WriteHandle }> {
  const shell = scriptedShell(table);
  const opening = shell.dialect.openWrite(path, {});
  await shell.peer.received(3);
  await shell.prints('stdout', 'ready\n');
  return Object.assign(shell, { handle: await opening });
}

const counts = (bytes: number) => `4+0 records in\n4+0 records out\n${bytes} bytes (256 KiB) copied, 0.1 s\n`;
const ddSays = (bytes: number) => `${counts(bytes)}done\n`;

describe('opening through a shell', (test) => {
  for (const [title, exitCode, stderr, code] of [
    ['gets no input', 90, '', 'unsupported'],
    ['finds a directory', 91, '', 'is_directory'],
    ['finds a device', 92, '', 'not_regular_file'],
    ['may not', 2, `sh: 1: cannot create ${path}: Permission denied\n`, 'permission_denied'],
    ['says nothing', 1, '', 'io_error'],
  ] as const) {
    test(`fails with what it means when the shell ${title}`, async () => {
      const { dialect, peer, prints, ends } = scriptedShell();
      const failure = rejection(dialect.openWrite(path, {}), CodexfsError);
      await peer.received(3);
      if (stderr !== '') await prints('stderr', stderr);
      await ends(exitCode);
      assert.is((await failure).code, code);
    });
  }

  test('ends the shell when it is given up', async () => {
    const { dialect, peer } = scriptedShell();
    const abort = new AbortController();
    const failure = rejection(dialect.openRead(path, { signal: abort.signal }));
    await peer.received(3);
    await setImmediate();
    abort.abort(new Error('enough'));
    assert.is((await failure).message, 'enough');
    assert.equal(peer.paramsOf('process/terminate').at(-1), { processId: 'codexfs-1' });
  });

  test('ends the shell where it does not say how long the file is, and where the facts of the file cannot be had', async () => {
    for (const [table, answer, code] of [
      [{}, 'many\n', 'protocol_violation'],
      [{ 'fs/getMetadata': refusal('Permission denied (os error 13)') }, '10\n', 'permission_denied'],
    ] as const) {
      const { dialect, peer, prints } = scriptedShell(table);
      const failure = rejection(dialect.openRead(path, {}), CodexfsError);
      await peer.received(3);
      await prints('stdout', answer);
      assert.is((await failure).code, code);
      assert.equal(peer.paramsOf('process/terminate').at(-1), { processId: 'codexfs-1' });
    }
  });
});

describe('reading through a shell', (test) => {
  test('tells one stretch from the next when the words on both come before the bytes of the first', async () => {
    const content = contentOf(512 * KiB);
    const { prints, handle } = await reading(content.length);
    const reads = [handle.read(0, 256 * KiB), handle.read(256 * KiB, 256 * KiB)];
    await prints('stderr', ddSays(256 * KiB));
    await prints('stdout', content.subarray(0, 100 * KiB));
    await prints('stderr', ddSays(256 * KiB));
    for (let at = 100 * KiB; at < content.length; at += 50 * KiB) {
      await prints('stdout', content.subarray(at, at + 50 * KiB));
    }
    const [first, second] = await Promise.all(reads);
    assert.ok(first?.bytes.equals(content.subarray(0, 256 * KiB)));
    assert.ok(second?.bytes.equals(content.subarray(256 * KiB)));
    await handle.close();
  });

  test('puts together what comes in pieces, the length that dd tells included', async () => {
    const content = contentOf(1000);
    const { prints, handle } = await reading(content.length);
    const read = handle.read(0, 4096);
    for (const piece of ['0+1 records in\n0+1 rec', 'ords out\n10', '00 bytes copied', '\ndo', 'ne\n'])
      await prints('stderr', piece);
    for (const byte of content) await prints('stdout', Buffer.of(byte));
    assert.equal(await read, { bytes: content, eof: true });
    await handle.close();
  });

  test('fails with what dd said when it stops in the middle, which is no end of the file', async () => {
    const { prints, ends, handle } = await reading(128 * KiB);
    const failures = [0, 64 * KiB].map((offset) => rejection(handle.read(offset, 64 * KiB), CodexfsError));
    await prints('stdout', contentOf(1000));
    await prints('stderr', `dd: error reading '${path}': Permission denied\n${counts(1000)}`);
    await ends(1);
    const [first, second] = await Promise.all(failures);
    assert.equal([first?.code, first?.message], ['permission_denied', 'permission denied']);
    assert.is(second?.code, 'io_error');
  });

  test('fails when dd does not say how much it read', async () => {
    const { prints, handle } = await reading(10);
    const failure = rejection(handle.read(0, 10), ProtocolError);
    await prints('stderr', 'lots of bytes\ndone\n');
    assert.match((await failure).message, 'nonsense');
  });

  test('does not ask for what is given up already', async () => {
    const { fed, handle } = await reading(10);
    await rejection(handle.read(0, 10, { signal: AbortSignal.abort(new Error('enough')) }));
    assert.equal(fed(), ['start\n']);
  });

  test('tells the facts of the open once, and then those of the path', async () => {
    let modifiedAtMs = 6;
    const facts = (size?: number) => ({
      result: { isDirectory: false, isFile: true, createdAtMs: 0, modifiedAtMs: ++modifiedAtMs, size },
    });
    for (const size of [undefined, 12]) {
      modifiedAtMs = 6;
      const { handle } = await reading(10, { 'fs/getMetadata': () => facts(size) });
      assert.equal(await handle.stat(), { sizeBytes: 10, modifiedAtMs: 7 });
      assert.equal(await handle.stat(), { sizeBytes: size ?? 10, modifiedAtMs: 8 });
    }
  });

  test('ends the connection when far more is printed than was asked for', async () => {
    const { prints, handle } = await reading(10);
    const failure = rejection(handle.read(0, 10), ProtocolError);
    const flood = Buffer.alloc(limits.processOutputBytes / 4, 'x');
    for (let count = 0; count < 5; count++) await prints('stderr', flood);
    assert.match((await failure).message, 'prints more than it was asked for');
  });

  test('fails when a part of what was printed never came', async () => {
    const { ends, handle } = await reading(10);
    const failure = rejection(handle.read(0, 10), ProtocolError);
    await ends(0, 9);
    assert.match((await failure).message, 'lost a part');
  });
});

describe('writing through a shell', (test) => {
  /** Answers a piece of so many bytes, and the end with the length of the file. */
  const taken = (bytes: number) => `${bytes}\n`;

  test('sends what is written meanwhile as one piece, and is done when the file has its length', async () => {
    const { fed, prints, ends, handle, peer } = await writing();
    const first = handle.write(Buffer.from('ab'));
    const others = [handle.write(Buffer.from('c')), handle.write(Buffer.from('def'))];
    await peer.received(5);
    await prints('stdout', taken(2));
    await first;
    await peer.received(8);
    await prints('stdout', taken(4));
    await Promise.all(others);
    const closing = handle.close();
    await peer.received(9);
    await prints('stdout', taken(6));
    await ends(0);
    await closing;
    assert.is(fed().join(''), 'start\n2\nab4\ncdefend\n');
  });

  test('sends nothing for nothing', async () => {
    const { fed, handle } = await writing();
    await handle.write(Buffer.alloc(0));
    assert.equal(fed(), ['start\n']);
  });

  test('fails with what the shell said, and so does all that waits, comes or closes after it', async () => {
    const { prints, ends, handle, peer } = await writing();
    const failures = ['ab', 'cd'].map((text) => rejection(handle.write(Buffer.from(text)), CodexfsError));
    await peer.received(5);
    await prints('stderr', 'head: write error: No space left on device\n');
    await ends(1);
    failures.push(...[handle.write(Buffer.from('ef')), handle.close()].map((work) => rejection(work, CodexfsError)));
    assert.equal(
      (await Promise.all(failures)).map(({ code }) => code),
      ['no_space', 'no_space', 'no_space', 'no_space'],
    );
    assert.is(peer.paramsOf('process/write').length, 3, 'nothing more was sent');
  });

  test('has the shell say why it takes no more input', async () => {
    let writes = 0;
    const status = () => ({ result: { status: ++writes > 1 ? 'stdinClosed' : 'accepted' } });
    const { prints, ends, handle, peer } = await writing({ 'process/write': status });
    const failure = rejection(handle.write(Buffer.from('ab')), CodexfsError);
    await peer.received(5);
    await prints('stderr', 'sh: write error: Disk quota exceeded\n');
    await ends(1);
    assert.is((await failure).code, 'quota_exceeded');
  });

  test('fails as the connection does', async () => {
    const { handle, peer } = await writing({
      'process/write': ({ writeId }) => (writeId === 'w1' ? { result: { status: 'accepted' } } : 'silence'),
    });
    const failure = rejection(handle.write(Buffer.from('ab')), ConnectionClosedError);
    await peer.received(5);
    await peer.hangUp();
    await failure;
  });

  test('does not take another number for an acknowledgement', async () => {
    const { prints, handle, peer } = await writing();
    const failure = rejection(handle.write(Buffer.from('ab')), ProtocolError);
    await peer.received(5);
    await prints('stdout', taken(3));
    assert.match((await failure).message, 'nonsense');
  });

  test('fails when the file is not as long as what was written', async () => {
    const { prints, ends, handle, peer } = await writing();
    const failure = rejection(handle.close(), CodexfsError);
    await peer.received(4);
    await prints('stdout', taken(5));
    await ends(0);
    const error = await failure;
    assert.equal([error.code, error.message], ['size_mismatch', 'has 5 bytes after 0 were written to it']);
  });

  test('fails when the shell does at the very end', async () => {
    const { prints, ends, handle, peer } = await writing();
    const failure = rejection(handle.close(), CodexfsError);
    await peer.received(4);
    await prints('stdout', taken(0));
    await prints('stderr', 'sh: 3: Bad file descriptor: Input/output error\n');
    await ends(2);
    assert.is((await failure).code, 'io_error');
  });
});

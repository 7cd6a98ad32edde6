// The programs on a server, from a peer that starts none: what is not there, what goes wrong, and what is never waited for.

import * as assert from 'uvu/assert';
import { CodexfsError, ConnectionClosedError, ProtocolError, TimeoutError } from '../../src/errors.js';
import { describe, rejection } from '../helpers/describe.js';
import { unknownMethod } from '../helpers/scriptedPeer.js';
import { linuxServer, refusal, scriptedShell } from '../helpers/scriptedShell.js';

describe('the programs on a server', (test) => {
  test('run to their end, and what they printed is told with their status', async () => {
    const { programs, peer, prints, ends } = scriptedShell();
    const running = programs.run('echo "$1"', ['a b']);
    await peer.received(2);
    await prints('stdout', 'a ');
    await prints('stderr', 'oops\n');
    await prints('stdout', 'b\n');
    await ends(3);
    assert.equal(await running, { exitCode: 3, stdout: 'a b\n', stderr: 'oops\n' });
    const [started] = peer.paramsOf('process/start');
    assert.equal(started?.argv, ['/bin/sh', '-c', 'echo "$1"', 'sh', 'a b']);
    assert.is(peer.paramsOf('process/terminate').length, 1, 'what has ended is not ended again');
  });

  test('have the status -1 where the server tells none', async () => {
    const { programs, peer, ends } = scriptedShell();
    const running = programs.run('true', []);
    await peer.received(2);
    await ends();
    assert.is((await running).exitCode, -1);
  });

  for (const [title, server] of [
    ['an app-server', { ...linuxServer, kind: 'app-server' }],
    ['Windows', { ...linuxServer, platformOs: 'windows' }],
  ] as const) {
    test(`are not asked for on ${title}`, async () => {
      const { programs, peer } = scriptedShell({}, {}, server);
      assert.not(await programs.isThere());
      assert.is((await rejection(programs.run('true', []), CodexfsError)).code, 'unsupported');
      assert.equal(peer.requests, []);
    });
  }

  for (const [title, answer] of [
    ['does not know them', unknownMethod('process/terminate')],
    ['does not know the words', refusal('Invalid request', -32600)],
  ] as const) {
    test(`are not there where the server ${title}, which is asked once`, async () => {
      const { programs, peer } = scriptedShell({ 'process/terminate': answer });
      for (let count = 0; count < 2; count++) assert.not(await programs.isThere());
      assert.is(peer.requests.length, 1);
    });
  }

  test('are unsupported where no shell can be started', async () => {
    const { programs } = scriptedShell({ 'process/start': refusal('No such file or directory (os error 2)') });
    const error = await rejection(programs.run('true', []), CodexfsError);
    assert.equal([error.code, error.message.startsWith('this server cannot start a shell: ')], ['unsupported', true]);
  });

  test('fail as the connection does, whether they are asked for, started or run', async () => {
    for (const silent of ['process/terminate', 'process/start', undefined]) {
      const { programs, peer } = scriptedShell(silent === undefined ? {} : { [silent]: 'silence' });
      const running = programs.run('true', []);
      await peer.received(silent === 'process/terminate' ? 1 : 2);
      await peer.hangUp();
      await rejection(running, ConnectionClosedError);
    }
  });

  test('are given up when they say nothing for too long', async () => {
    const { programs, peer } = scriptedShell({}, { idleTimeoutMs: 20 });
    await rejection(programs.run('sleep 9', []), TimeoutError);
    assert.equal(peer.paramsOf('process/terminate').at(-1), { processId: 'codexfs-1' }, 'and ended');
  });

  test('may say nothing for as long as they like where that is asked for, if their server answers', async () => {
    const { programs, peer, ends } = scriptedShell({}, { idleTimeoutMs: 20 });
    const running = programs.run('sleep 9', [], { timeoutMs: Number.POSITIVE_INFINITY });
    await peer.received(5);
    await ends(0);
    assert.is((await running).exitCode, 0);
    const [asked] = peer.paramsOf('process/read');
    assert.equal(asked, { processId: 'codexfs-1', afterSeq: 0, maxBytes: 1, waitMs: 0 });
  });

  for (const [title, answer] of [
    ['says that they are', { result: { closed: true } }],
    ['does not know them any more', refusal('unknown process id codexfs-1', -32600)],
  ] as const) {
    test(`are over when their server ${title} and told nobody`, async () => {
      const { programs } = scriptedShell({ 'process/read': answer }, { idleTimeoutMs: 20 });
      const running = programs.run('true', [], { timeoutMs: Number.POSITIVE_INFINITY });
      assert.match((await rejection(running, ProtocolError)).message, 'did not tell that a program ended');
    });
  }

  test('are waited for when their end is told behind the answer that they are gone', async () => {
    let asked = 0;
    const goneOnce = () => ({ result: { closed: ++asked === 1 } });
    const { programs, peer, prints, ends } = scriptedShell({ 'process/read': goneOnce }, { idleTimeoutMs: 20 });
    const running = programs.run('true', [], { timeoutMs: Number.POSITIVE_INFINITY });
    await peer.received(5);
    await prints('stdout', 'late\n');
    await ends(0);
    assert.equal(await running, { exitCode: 0, stdout: 'late\n', stderr: '' });
  });

  test('do not mind what is said of others, or of anything else', async () => {
    const { programs, peer, ends } = scriptedShell();
    const running = programs.run('true', []);
    await peer.received(2);
    await peer.notify('thread/started', { threadId: 1 });
    await peer.notify('process/output', { processId: 'other', stream: 'stdout', chunk: 'YQ==' });
    await peer.notify('process/closed', { processId: 'other', seq: 7 });
    await ends(0);
    assert.equal(await running, { exitCode: 0, stdout: '', stderr: '' });
  });

  test('end the connection when what is said of them makes no sense', async () => {
    const { programs, peer } = scriptedShell();
    const running = programs.run('true', []);
    await peer.received(2);
    await peer.notify('process/exited', { processId: 'codexfs-1', exitCode: 'zero' });
    assert.match((await rejection(running, ProtocolError)).message, 'process/exited: exitCode');
  });
});

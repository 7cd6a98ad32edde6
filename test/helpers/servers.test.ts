// The fixtures themselves: servers start, are seen to hold files, and are gone afterwards.

import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { contentOf, sha256 } from './content.js';
import { describe } from './describe.js';
import { rawServer } from './evilServer.js';
import { descriptorsBelow, isRunning } from './processes.js';
import { startCodexExecServer } from './servers.js';
import { slowProxy } from './slowProxy.js';
import { temporaryDirectory } from './temporaryDirectory.js';

describe('the fixtures', (test) => {
  test('start the real exec-server over WebSocket and end it', async () => {
    let pid: number | undefined;
    {
      await using server = await startCodexExecServer({ listen: 'ws' });
      assert.match(server.remote, /^ws:\/\/127\.0\.0\.1:\d+$/);
      pid = server.pid;
      assert.is(await isRunning(pid ?? -1), true);
      const answer = await fetch(`${server.remote.replace('ws', 'http')}/readyz`);
      assert.is(answer.status, 200);
    }
    assert.is(await isRunning(pid ?? -1), false);
  });

  test('make the same content from the same seed, and other content from another', async () => {
    assert.is(contentOf(0).length, 0);
    assert.equal(contentOf(100, 7), contentOf(1000, 7).subarray(0, 100));
    assert.not.equal(contentOf(100, 7), contentOf(100, 8));
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('a'), contentOf(1000));
    assert.is(await sha256(directory.join('a')), await sha256(contentOf(1000)));
  });

  test('see which files below a folder a process holds open', async () => {
    await using directory = await temporaryDirectory();
    const file = await open(directory.join('a'), 'w');
    assert.equal(await descriptorsBelow(process.pid, directory.path), [directory.join('a')]);
    await file.close();
    assert.equal(await descriptorsBelow(process.pid, directory.path), []);
  });

  test('carry bytes through the slow proxy unchanged and in order, both ways', async () => {
    await using echo = await rawServer((socket) => socket.pipe(socket));
    await using proxy = await slowProxy({
      target: `ws://127.0.0.1:${echo.port}`,
      bytesPerSecond: 2_000_000,
      delayMs: 5,
    });
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    const sent = contentOf(300_000);
    socket.end(sent);
    const received: Buffer[] = [];
    socket.on('data', (piece: Buffer) => received.push(piece));
    await proxy.passed('up', 100_000);
    await proxy.passed('down', sent.length);
    await once(socket, 'close');
    assert.ok(Buffer.concat(received).equals(sent));
  });
});

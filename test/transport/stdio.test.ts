// Servers as children, well-behaved and not: every end has its words, and no child outlives its transport.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { ConnectError } from '../../src/errors.js';
import { limits } from '../../src/protocol/limits.js';
import { type ChildCommand, spawnStdioServer } from '../../src/transport/stdio.js';
import { describe, rejection } from '../helpers/describe.js';
import { isRunning } from '../helpers/processes.js';
import { recordTransport } from '../helpers/recordTransport.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

function node(script: string, options: Partial<ChildCommand> = {}): ChildCommand {
  return { program: process.execPath, args: ['-e', script], ...options };
}

const echo = 'process.stdin.pipe(process.stdout)';
const pidFirst = 'console.log(process.pid);';

async function start(command: ChildCommand) {
  const transport = await spawnStdioServer(command);
  return { transport, record: recordTransport(transport) };
}

describe('a stdio server', (test) => {
  test('takes messages and answers', async () => {
    const { transport, record } = await start(node(echo));
    await transport.send(Buffer.from('{"a":"✓"}'));
    assert.equal(await record.received(1), ['{"a":"✓"}']);
    await transport.close('done');
    assert.equal(await record.closed, { text: 'done', local: true });
  });

  test('carries a message of 8 MiB both ways', async () => {
    const { transport, record } = await start(node(echo));
    const text = 'x'.repeat(8 * 1024 * 1024);
    await transport.send(Buffer.from(text));
    assert.ok((await record.received(1))[0] === text);
    await transport.close('done');
  });

  test('that has closed is gone when close resolves', async () => {
    const { transport, record } = await start(node(pidFirst + echo));
    const [pid] = await record.received(1);
    assert.is(await isRunning(Number(pid)), true);
    await transport.close('done');
    assert.is(await isRunning(Number(pid)), false);
  });

  test('that exits at the start is told by its status and its last words', async () => {
    const { record } = await start(node('console.error("no licence"); process.exitCode = 3'));
    const { text, local } = await record.closed;
    assert.match(text, /^the command exited with status 3, saying: no licence$/);
    assert.is(local, false);
  });

  test('that exits silently is told by its status', async () => {
    const { record } = await start(node(''));
    assert.match((await record.closed).text, /exited with status 0$/);
  });

  test('that is killed is told by the signal', async () => {
    const { record } = await start(node('process.kill(process.pid, "SIGKILL")'));
    assert.match((await record.closed).text, /was killed by SIGKILL$/);
  });

  test('that exits while it is written to ends with its status and resolves the writes', async () => {
    const { transport, record } = await start(node('process.stdin.once("data", () => process.exit(4))'));
    await Promise.all(Array.from({ length: 20 }, () => transport.send(Buffer.alloc(100_000, 'x'))));
    assert.match((await record.closed).text, /exited with status 4$/);
    await transport.send(Buffer.from('late'));
  });

  test('that floods stderr does not block, and is quoted in part', async () => {
    const flood = `for (let i = 0; i < 200; i++) require('fs').writeSync(2, 'e'.repeat(10000)); console.log('through');`;
    const { record } = await start(node(flood));
    assert.equal(await record.received(1), ['through']);
    const { text } = await record.closed;
    assert.ok(text.length < 5_000, `${text.length}`);
  });

  test('that prints garbage delivers it for its owner to judge', async () => {
    const { transport, record } = await start(node('console.log("Welcome!"); process.stdin.resume()'));
    assert.equal(await record.received(1), ['Welcome!']);
    await transport.close('done');
  });

  test('that closes its output but stays is ended, and not blamed for the signal', async () => {
    const script = `${pidFirst} process.on('SIGTERM', () => {}); require('fs').closeSync(1); setInterval(() => {}, 1000)`;
    const { record } = await start(node(script));
    const [pid] = await record.received(1);
    assert.match((await record.closed).text, /the server closed its output/);
    assert.is(await isRunning(Number(pid)), false);
  });

  test('that ignores the end of its input is terminated', async () => {
    const { transport, record } = await start(node(`${pidFirst} setInterval(() => {}, 1000)`));
    const [pid] = await record.received(1);
    await transport.close('done');
    assert.is(await isRunning(Number(pid)), false);
  });

  test('that ignores SIGTERM too is killed', async () => {
    const { transport, record } = await start(
      node(`process.on('SIGTERM', () => {}); ${pidFirst} setInterval(() => {}, 1000)`),
    );
    const [pid] = await record.received(1);
    const startedAt = performance.now();
    await transport.close('done');
    assert.is(await isRunning(Number(pid)), false);
    assert.ok(performance.now() - startedAt < limits.childKillMs + 3_000);
  });

  test('takes with it what it started itself', async () => {
    const script = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      child.unref(); console.log(child.pid); process.stdin.resume();`;
    const { transport, record } = await start(node(script));
    const [pid] = await record.received(1);
    await transport.close('done');
    // SIGKILL is sent, and takes effect on the orphan a moment later.
    while (await isRunning(Number(pid))) await new Promise(setImmediate);
  });

  test('does not see the token of codexfs', async () => {
    process.env.CODEX_EXEC_SERVER_CONNECTION_TOKEN = 'secret';
    const script =
      'console.log(JSON.stringify([process.env.CODEX_EXEC_SERVER_CONNECTION_TOKEN ?? null, process.env.A]))';
    const { record } = await start(node(script, { env: { A: 'b' } }));
    delete process.env.CODEX_EXEC_SERVER_CONNECTION_TOKEN;
    assert.equal(await record.received(1), ['[null,"b"]']);
    await record.closed;
  });

  test('runs where it is told to', async () => {
    await using directory = await temporaryDirectory();
    const { record } = await start(node('console.log(process.cwd())', { cwd: directory.path }));
    assert.equal(await record.received(1), [directory.path]);
    await record.closed;
  });

  test('that does not exist cannot be started', async () => {
    const error = await rejection(spawnStdioServer({ program: 'no-such-program-xyz', args: ['a'] }), ConnectError);
    assert.is(error.phase, 'connect');
    assert.is(error.message, 'cannot start `no-such-program-xyz a`: no such program');
  });

  test('that may not be executed cannot be started', async () => {
    await using directory = await temporaryDirectory();
    const program = directory.join('program');
    await writeFile(program, '#!/bin/sh\n', { mode: 0o600 });
    const error = await rejection(spawnStdioServer({ program, args: [] }), ConnectError);
    assert.is(error.message, `cannot start \`${program}\`: permission denied`);
  });

  test('whose folder does not exist cannot be started, and that is said', async () => {
    const error = await rejection(spawnStdioServer(node('', { cwd: '/no/such/folder' })), ConnectError);
    assert.match(error.message, 'no such folder: /no/such/folder');
  });
});

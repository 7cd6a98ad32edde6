// File contents through a shell on a server, from a peer that tells in any order what the shell printed.

import { setImmediate } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { ProcessDialect } from '../../src/dialects/process.js';
import { ServerPrograms } from '../../src/dialects/ServerPrograms.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { answers, type PeerAnswer, scriptedPeer } from '../helpers/scriptedPeer.js';

const KiB = 1024;
const path = '/a';
const facts: PeerAnswer = { result: { isDirectory: false, isFile: true, createdAtMs: 0, modifiedAtMs: 7 } };

/** A server that has started the shell of one read, and what the shell prints. */
async function reading(sizeBytes: number) {
  const peer = scriptedPeer(
    answers({
      'process/start': { result: {} },
      'process/write': { result: { status: 'accepted' } },
      'process/terminate': { result: { running: true } },
      'fs/getMetadata': facts,
    }),
  );
  const prints = async (stream: 'stdout' | 'stderr', bytes: Buffer | string) => {
    const chunk = Buffer.from(bytes).toString('base64');
    await peer.notify('process/output', { processId: 'codexfs-1', stream, chunk });
    // The reader looks at each by itself.
    await setImmediate();
  };
  const info = {
    kind: 'exec-server',
    version: undefined,
    platformOs: undefined,
    cwd: undefined,
    userHomeDir: undefined,
    pathForm: 'native',
    capabilities: {},
  } as const;
  const programs = new ServerPrograms(peer.connection, info);
  const opening = new ProcessDialect(peer.connection, programs, (wirePath) => wirePath).openRead(path, {});
  await peer.received(3);
  await prints('stdout', `${sizeBytes}\n`);
  return { peer, prints, handle: await opening };
}

const ddSays = (bytes: number) => `4+0 records in\n4+0 records out\n${bytes} bytes (256 KiB) copied, 0.1 s\n`;

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
    for (const piece of ['0+1 records in\n0+1 rec', 'ords out\n10', '00 bytes copied', '\n'])
      await prints('stderr', piece);
    for (const byte of content) await prints('stdout', Buffer.of(byte));
    assert.equal(await read, { bytes: content, eof: true });
    await handle.close();
  });
});

// A server that holds back what it has to say until the client has said something after the last: released ones do so for 40 ms (no
// TCP_NODELAY, and the client's delayed acknowledgements). Behind this proxy they do it for good, so that nothing hangs on the clock.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { type FaultProxy, faultProxy } from '../faults/faultProxy.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const KiB = 1024;
const sizes = [1, 100, 8_000, 64 * KiB, 256 * KiB, 256 * KiB + 1, 300 * KiB, 1_500 * KiB, 5, 50, 500];

/** Passes one message of the server for each time that the client has said something. */
async function holdingBack(target: string): Promise<FaultProxy> {
  let saidBytes = 0;
  const proxy: FaultProxy = await faultProxy({
    target,
    tap: async ({ direction }) => {
      if (direction === 'up') return undefined;
      await proxy.passed('up', saidBytes + 1);
      saidBytes = proxy.counts.up;
      return undefined;
    },
  });
  return proxy;
}

const commands: readonly (readonly string[])[] = [
  ['ls', '-l', 'box:THERE/tree'],
  ['stat', 'box:THERE/tree/0', 'box:THERE/tree/1', 'box:THERE/tree/2'],
  ['du', '-a', 'box:THERE/tree'],
  ['tree', 'box:THERE/tree'],
  ['find', 'box:THERE/tree', '--type', 'f'],
  ['cat', 'box:THERE/tree/6', 'box:THERE/tree/2'],
  ['sum', '-r', 'box:THERE/tree'],
  ['diff', 'THERE/tree', 'box:THERE/tree'],
  ['cp', '-r', 'box:THERE/tree', 'THERE/down'],
  ['cp', '-a', 'box:THERE/tree', 'THERE/down'],
  ['cp', '-r', '--verify', 'THERE/tree', 'box:THERE/up'],
  ['cp', '-a', 'THERE/tree', 'box:THERE/up'],
  ['cp', '-r', 'box:THERE/tree', 'box:THERE/across'],
  ['sync', '--delete', 'THERE/tree/', 'box:THERE/up'],
  ['rm', '-r', 'box:THERE/tree'],
];

describe('with a server that holds back what it has to say until the client has said something', (test) => {
  for (const words of commands) {
    test(`codexfs ${words.join(' ')} comes to its end`, async () => {
      await using place = await temporaryDirectory();
      await mkdir(place.join('tree'));
      for (const [index, size] of sizes.entries()) await writeFile(place.join('tree', `${index}`), contentOf(size));
      await using server = await startCodexExecServer({ listen: 'ws' });
      await using proxy = await holdingBack(server.remote);
      const args = words.map((word) => word.replaceAll('THERE', place.path));
      const remote = ['--remote', `box=${proxy.url}`, '--timeout', '3', '--retries', '0'];
      const { exitCode, stderr } = await runCodexfs([...remote, ...args]);
      assert.equal(exitCode, 0, stderr);
    });
  }
});

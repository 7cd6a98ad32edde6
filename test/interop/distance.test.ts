// What is under way at a time where a server is far away: files wait for round trips there, and one behind the other they would
// wait for all of them. Seen in the trace of the program.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { limits } from '../../src/protocol/limits.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const fileCount = 100;
/** Of files that take a handle. */
const largeBytes = limits.smallFileBytes + 1;

/** Does `work` with a directory of files and the options that name the server that holds it. */
async function withTree(fileBytes: number, work: (place: TemporaryDirectory, remote: string[]) => Promise<void>) {
  await using place = await temporaryDirectory();
  await using server = await startCodexExecServer({ listen: 'ws' });
  await using proxy = await slowProxy({ target: server.remote, delayMs: 20 });
  await mkdir(place.join('tree'));
  for (let file = 0; file < fileCount; file++) {
    await writeFile(place.join('tree', `${file}`), contentOf(fileBytes, file));
  }
  await work(place, ['--remote', `box=${proxy.url}`]);
}

/** The lines of the trace that tell of requests and answers. */
async function traceOf(args: readonly string[]): Promise<string[]> {
  const { exitCode, stderr } = await runCodexfs(args, { env: { CODEXFS_DEBUG: 'rpc' } });
  assert.equal(exitCode, 0, stderr);
  return stderr.match(/[→←] \d+ .*/g) ?? [];
}

/** How many handles were opened and not closed, at most. */
function mostOpen(trace: readonly string[]): number {
  let [open, most] = [0, 0];
  for (const line of trace) {
    if (/→ \d+ fs\/open /.test(line)) most = Math.max(most, ++open);
    if (/→ \d+ fs\/close /.test(line)) open--;
  }
  return most;
}

/** How many requests of `method` waited for answers, at most. */
function mostWaiting(trace: readonly string[], method: string): number {
  const waiting = new Set<string>();
  let most = 0;
  for (const line of trace) {
    const [arrow = '', id = '', called] = line.split(' ');
    if (arrow === '←') waiting.delete(id);
    else if (called === method) waiting.add(id);
    most = Math.max(most, waiting.size);
  }
  return most;
}

describe('at a distance', (test) => {
  test('files that take handles are copied up and down more and more at a time, but no more than -j says', () =>
    withTree(largeBytes, async (place, remote) => {
      const [tree, up, down] = [place.join('tree'), place.join('up'), place.join('down')];
      for (const [from, to] of [
        [tree, `box:${up}`],
        [`box:${tree}`, down],
      ] as const) {
        const most = mostOpen(await traceOf(['cp', '-rq', ...remote, from, to]));
        assert.ok(most > 2 * limits.filesInFlight && most <= limits.filesInFlightAtMost, `${most} at a time`);
      }
      await promisify(execFile)('diff', ['-r', tree, up]);
      await promisify(execFile)('diff', ['-r', tree, down]);
      const counted = await traceOf(['cp', '-rq', '-j', '12', ...remote, `box:${tree}`, place.join('again')]);
      assert.equal(mostOpen(counted), 12);
      const plan = await traceOf(['cp', '-rq', '--dry-run', ...remote, `box:${tree}`, place.join('never')]);
      assert.ok(mostOpen(plan) > 2 * limits.filesInFlight);
    }));

  test('files of up to 256 KiB are asked for and sent many at a time, and no more than 16 MiB of them', () =>
    withTree(limits.smallFileBytes, async (place, remote) => {
      const [tree, up, down] = [place.join('tree'), place.join('up'), place.join('down')];
      const sent = await traceOf(['cp', '-rq', ...remote, tree, `box:${up}`]);
      const asked = await traceOf(['cp', '-rq', ...remote, `box:${tree}`, down]);
      const fitting = limits.smallBytesInFlight / limits.smallFileBytes;
      assert.deepEqual([mostWaiting(sent, 'fs/writeFile'), mostWaiting(asked, 'fs/readFile')], [fitting, fitting]);
      await promisify(execFile)('diff', ['-r', tree, up]);
      await promisify(execFile)('diff', ['-r', tree, down]);
    }));

  test('files are compared and hashed many at a time', () =>
    withTree(1_000, async (place, remote) => {
      const tree = place.join('tree');
      const far = ['--no-exec', ...remote];
      assert.ok(mostWaiting(await traceOf(['diff', '-r', ...far, `box:${tree}`, tree]), 'fs/readFile') > 32);
      assert.ok(mostWaiting(await traceOf(['sum', '-r', ...far, `box:${tree}`]), 'fs/readFile') > 32);
    }));
});

// What a copy costs, in things that can be counted: requests for each file, large frames that went the slow way, and how often
// each byte is moved in memory.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, copy, LocalFileSystem } from '../../src/index.js';
import { bulkCounts } from '../../src/protocol/bulk.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer, startCodexfsServe } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const servers = [
  ['codex exec-server', startCodexExecServer],
  ['codexfs serve', startCodexfsServe],
] as const;

const directories = 4;
const filesInEach = 10;
const fileCount = directories * filesInEach;

async function makeTree(place: TemporaryDirectory): Promise<string> {
  for (let directory = 0; directory < directories; directory++) {
    await mkdir(place.join('tree', `${directory}`), { recursive: true });
    for (let file = 0; file < filesInEach; file++) {
      await writeFile(place.join('tree', `${directory}`, `${file}`), contentOf(100 + 200 * file));
    }
  }
  return place.join('tree');
}

/** How often each method was asked for, by the trace of the program. */
async function requestsOf(...args: string[]): Promise<Record<string, number>> {
  const { exitCode, stderr } = await runCodexfs(args, { env: { CODEXFS_DEBUG: 'rpc' } });
  assert.equal(exitCode, 0, stderr);
  const counts: Record<string, number> = {};
  for (const [, method = ''] of stderr.matchAll(/→ \d+ (\S+)/g)) counts[method] = (counts[method] ?? 0) + 1;
  return counts;
}

const preload = fileURLToPath(new URL('../helpers/countCopies.js', import.meta.url));
const movedBytes = 32 * 1024 * 1024;

/** How many bytes the program moves in its memory for each of `movedBytes`, the few that a start takes included. */
async function copiesOf(place: TemporaryDirectory, ...args: string[]): Promise<number> {
  const env = { NODE_OPTIONS: `--import=${preload}`, CODEXFS_TEST_COPIES: place.join('copies') };
  const { exitCode, stderr } = await runCodexfs(args, { env });
  assert.equal(exitCode, 0, stderr);
  return Number(await readFile(place.join('copies'), 'utf8')) / movedBytes;
}

/** The base64 of a byte is 4/3 of one. */
const encoded = 4 / 3;
/** What may come on top: the start of the program, heads and tails of frames. */
const slack = 0.1;
/** What the beginnings of messages that did not fit behind others add: a third of the memory they are read into, at most. */
const movedToFront = 0.5;

describe('what a copy costs', (test) => {
  for (const [name, start] of servers) {
    test(`is one request for each small file, and a look at one that comes down, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      const tree = await makeTree(place);
      const remote = ['--remote', `box=${server.remote}`];
      const up = await requestsOf('cp', '-rq', ...remote, tree, `box:${place.join('up')}`);
      const down = await requestsOf('cp', '-rq', ...remote, `box:${tree}`, place.join('down'));
      const { 'fs/writeFile': written, ...otherUp } = up;
      const { 'fs/readFile': read, ...otherDown } = down;
      assert.deepEqual([written, read], [fileCount, fileCount]);
      // Listings tell no sizes, so a file that comes down is looked at first. Else there are the handshake, a look at each end,
      // and what each directory takes to be listed or made.
      for (const [other, looks] of [
        [otherUp, 0],
        [otherDown, fileCount],
      ] as const) {
        const count = Object.values(other).reduce((sum, of) => sum + of, 0);
        assert.ok(count <= looks + 12 + 2 * directories, JSON.stringify(other));
        assert.equal(
          Object.keys(other).some((method) => /open|close|Block|read$|write$/.test(method)),
          false,
        );
      }
    });

    test(`is one look at a small file by itself and one at each file that sync compares, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      const tree = await makeTree(place);
      const remote = ['--no-exec', '--remote', `box=${server.remote}`];
      const one = await requestsOf('cp', '-q', ...remote, `box:${tree}/0/1`, place.join('one'));
      assert.deepEqual(one, { initialize: 1, 'fs/getMetadata': 1, 'fs/readFile': 1 });
      for (const destination of ['down', 'up']) {
        for (let directory = 0; directory < directories; directory++) {
          await mkdir(place.join(destination, `${directory}`), { recursive: true });
        }
      }
      // What is there already, and is another; the rest of each directory is missing.
      await writeFile(place.join('down', '0', '0'), 'other');
      await writeFile(place.join('up', '0', '0'), 'other');
      const down = await requestsOf('sync', '-q', ...remote, `box:${tree}/`, place.join('down'));
      const up = await requestsOf('sync', '-q', ...remote, `${tree}/`, `box:${place.join('up')}`);
      assert.deepEqual([down['fs/readFile'], up['fs/writeFile']], [fileCount, fileCount]);
      // Beside the files: each end, each directory, and once more what is replaced.
      for (const { 'fs/getMetadata': looks = 0 } of [down, up]) {
        assert.ok(looks >= fileCount && looks <= fileCount + 6 + directories, `${looks} looks`);
      }
      for (const destination of ['down', 'up']) {
        await promisify(execFile)('diff', ['-r', place.join('tree'), place.join(destination)]);
      }
    });

    test(`is one request for what fits one chunk, and four questions before the first file of a tree, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      await mkdir(place.join('tree'));
      await writeFile(place.join('tree', 'file'), contentOf(256 * 1024));
      const remote = ['--no-exec', '--remote', `box=${server.remote}`];
      const up = await requestsOf('cp', '-rq', ...remote, place.join('tree'), `box:${place.join('up')}`);
      const down = await requestsOf('cp', '-rq', ...remote, `box:${place.join('up')}`, place.join('down'));
      // Up: the destination and what is to hold it, its real path, the directory. Down: the source, its real path, its listing, the file.
      assert.deepEqual(up, {
        initialize: 1,
        'fs/getMetadata': 2,
        'fs/canonicalize': 1,
        'fs/createDirectory': 1,
        'fs/writeFile': 1,
      });
      assert.deepEqual(down, {
        initialize: 1,
        'fs/getMetadata': 2,
        'fs/canonicalize': 1,
        'fs/readDirectory': 1,
        'fs/readFile': 1,
      });
      await promisify(execFile)('diff', ['-r', place.join('tree'), place.join('down')]);
    });

    test(`is no request larger than the user wants, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      await writeFile(place.join('from'), contentOf(100_000));
      const remote = ['--no-exec', '--remote', `box=${server.remote}`];
      for (const words of [
        ['--chunk', '32K'],
        ['--window', '64K'],
      ]) {
        const up = await requestsOf('cp', '-q', ...words, ...remote, place.join('from'), `box:${place.join('up')}`);
        const down = await requestsOf('cp', '-q', ...words, ...remote, `box:${place.join('up')}`, place.join('down'));
        const methods = Object.keys({ ...up, ...down });
        assert.equal(
          methods.some((method) => /^fs\/(readFile|writeFile)$/.test(method)),
          false,
          methods.join(),
        );
        await promisify(execFile)('cmp', [place.join('from'), place.join('down')]);
      }
    });

    test(`is one request for each of many small files that come down, where programs may run, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      const count = 1_000;
      await mkdir(place.join('tree'));
      for (let file = 0; file < count; file++) await writeFile(place.join('tree', `${file}`), contentOf(100 + file));
      const from = ['--remote', `box=${server.remote}`, `box:${place.join('tree')}`];
      const plain = await requestsOf('cp', '-rq', ...from, place.join('down'));
      const without = await requestsOf('--no-exec', 'cp', '-rq', ...from, place.join('again'));
      assert.deepEqual([plain['fs/readFile'], without['fs/readFile']], [count, count]);
      assert.equal(without['process/start'], undefined);
      assert.ok((without['fs/getMetadata'] ?? 0) >= count);
      const runsPrograms = start === startCodexExecServer;
      // The answer is not waited for, so that those at the front are looked at all the same.
      if (runsPrograms) assert.ok((plain['fs/getMetadata'] ?? 0) <= count - 200, JSON.stringify(plain));
      assert.equal(plain['process/start'], runsPrograms ? 1 : undefined);
      await promisify(execFile)('diff', ['-r', place.join('tree'), place.join('down')]);
    });

    test(`is no large frame that goes the slow way, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      await using box = await connect(server.remote);
      const here = new LocalFileSystem();
      const content = contentOf(9 * 1024 * 1024 + 1);
      await writeFile(place.join('from'), content);
      const before = { ...bulkCounts };
      await copy({ fileSystem: here, path: place.join('from') }, { fileSystem: box, path: place.join('up') });
      await copy({ fileSystem: box, path: place.join('up') }, { fileSystem: here, path: place.join('down') });
      assert.ok(content.equals(await readFile(place.join('down'))));
      assert.equal(bulkCounts.slow - before.slow, 0);
      assert.ok(bulkCounts.fast - before.fast >= 9);
    });

    test(`is two moves in memory for each byte down and three up, with ${name}`, async () => {
      await using place = await temporaryDirectory();
      await using server = await start({ listen: 'ws' });
      await writeFile(place.join('from'), contentOf(movedBytes));
      const remote = ['-q', '--remote', `box=${server.remote}`];
      const down = await copiesOf(place, 'cp', ...remote, `box:${place.join('from')}`, place.join('down'));
      const up = await copiesOf(place, 'cp', ...remote, place.join('from'), `box:${place.join('up')}`);
      // The base64 of a frame, where it was read, into a text; the text into a chunk. What was not whole is moved now and then.
      const leastDown = encoded + 1;
      // A chunk into a text, the text into a frame, the frame under its mask.
      const leastUp = encoded + encoded + encoded;
      assert.ok(down >= leastDown && down <= leastDown + movedToFront + slack, `${down}`);
      assert.ok(up >= leastUp && up <= leastUp + slack, `${up}`);
    });
  }
});

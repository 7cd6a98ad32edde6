// As many files at a time as the user likes, with servers that stop reading when too many requests wait.

import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const fileCount = 2_000;

describe('codexfs cp -r -j 1000', (test) => {
  for (const direction of ['down', 'up'] as const) {
    test(
      `copies ${fileCount} small files ${direction}, with a codex exec-server`,
      async () => {
        await using place = await temporaryDirectory();
        await using server = await startCodexExecServer({ listen: 'ws' });
        await mkdir(place.join('tree'));
        for (let index = 0; index < fileCount; index++) await writeFile(place.join('tree', `${index}`), `${index}`);
        const [from, to] = [place.join('tree'), place.join('copy')];
        const operands = direction === 'down' ? [`box:${from}`, to] : [from, `box:${to}`];
        const words = ['cp', '-rq', '-j', '1000', '--timeout', '20s', '--remote', `box=${server.remote}`];
        const { exitCode, stderr } = await runCodexfs([...words, ...operands]);
        assert.deepEqual([exitCode, stderr], [0, '']);
        assert.equal((await readdir(to)).length, fileCount);
      },
      { timeoutMs: 60_000 },
    );
  }
});

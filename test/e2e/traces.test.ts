// What CODEXFS_DEBUG adds to stderr, on either side: what is done, and never what is in a file.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const secret = 'a line that nobody else may read\n'.repeat(10_000);

describe('CODEXFS_DEBUG', (test) => {
  test('codexfs cp a box:/b tells what is opened to be written, and how much is known of it', async () => {
    await using place = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws' });
    await writeFile(place.join('a'), secret);
    const env = { CODEXFS_DEBUG: 'transfer' };
    for (const [from, amount] of [
      [place.join('a'), `${secret.length} bytes`],
      ['-', 'an unknown number of bytes'],
    ] as const) {
      const words = ['--remote', `box=${server.remote}`, 'cp', from, `box:${place.join('b')}`];
      const { exitCode, stderr } = await runCodexfs(words, { env, stdin: from === '-' ? secret : '' });
      assert.equal([exitCode, stderr], [0, `codexfs:transfer opened box:${place.join('b')} to write ${amount}\n`]);
    }
  });

  test('codexfs serve tells what it refuses and when a client goes', async () => {
    await using place = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws', env: { CODEXFS_DEBUG: 'server' } });
    const missing = `box:${place.join('missing')}`;
    assert.is((await runCodexfs(['--remote', `box=${server.remote}`, 'stat', missing])).exitCode, 3);
    await eventually(async () => server.stderr().includes('session ended'));
    const [refused = '', ended = ''] = server.stderr().split('\n').slice(-3);
    assert.match(refused, /^codexfs:server fs\/getMetadata refused: -32004 /);
    assert.match(ended, /^codexfs:server session ended: /);
  });
});

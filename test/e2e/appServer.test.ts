// Copies to and from the real app-server on stdio: whole files, each in one message, and nothing that does not fit.

import { readFile, truncate, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexAppServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const MiB = 1024 * 1024;

async function setUp(prefix: 'app+' | '') {
  const [server, here] = await Promise.all([startCodexAppServer(), temporaryDirectory()]);
  return {
    here,
    run: (...args: string[]) =>
      runCodexfs(['--remote', `ide=${prefix}${server.remote}`, ...args], { env: server.env, cwd: here.path }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await here[Symbol.asyncDispose]();
    },
  };
}

describe('codexfs with codex app-server', (test) => {
  for (const prefix of ['app+', ''] as const) {
    test(
      `cp a ide:b; cp ide:b c, as --remote ide=${prefix}exec:…`,
      async () => {
        await using place = await setUp(prefix);
        for (const size of [0, 1, 1000, 5 * MiB]) {
          await writeFile(place.here.join('a'), contentOf(size));
          const up = await place.run('cp', 'a', `ide:${place.here.join('b')}`);
          const down = await place.run('cp', `ide:${place.here.join('b')}`, 'c');
          assert.equal([up.exitCode, down.exitCode], [0, 0], up.stderr + down.stderr);
          assert.ok((await readFile(place.here.join('b'))).equals(contentOf(size)), `${size} bytes up`);
          assert.ok((await readFile(place.here.join('c'))).equals(contentOf(size)), `${size} bytes down`);
        }
      },
      { timeoutMs: 60_000 },
    );
  }

  test('cp LARGE ide:b is refused before the destination is touched', async () => {
    await using place = await setUp('app+');
    await writeFile(place.here.join('a'), contentOf(6 * MiB));
    await writeFile(place.here.join('b'), 'as it was');
    const { exitCode, stderr } = await place.run('cp', 'a', `ide:${place.here.join('b')}`);
    assert.equal([exitCode, await readFile(place.here.join('b'), 'utf8')], [8, 'as it was'], stderr);
    assert.match(stderr, /can only write whole files of up to 5 MiB in one message, and this one has 6 MiB\n/);
  });

  test(
    'cp ide:LARGE b is refused before the destination is touched, though the server tells no size',
    async () => {
      await using place = await setUp('app+');
      await writeFile(place.here.join('a'), '');
      await truncate(place.here.join('a'), 60 * MiB);
      await writeFile(place.here.join('b'), 'as it was');
      const { exitCode, stderr } = await place.run('cp', `ide:${place.here.join('a')}`, 'b');
      assert.equal([exitCode, await readFile(place.here.join('b'), 'utf8')], [8, 'as it was'], stderr);
      assert.match(stderr, /can only read whole files of up to 47 MiB in one message, and this one is larger\n/);
    },
    { timeoutMs: 30_000 },
  );
});

// cp -p between this host and servers: what the two ends can keep, also through programs on a server, and what is said of the rest.

import { chmod, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const times = new Date(Date.UTC(2021, 2, 3, 4, 5, 6, 789));
const modes = [0o600, 0o751, 0o4755, 0o444];

async function setUp(start: () => Promise<TestServer>) {
  const [server, near, far] = await Promise.all([start(), temporaryDirectory(), temporaryDirectory()]);
  return {
    near,
    far,
    run: (...args: string[]) => runCodexfs(['--remote', `box=${server.remote}`, 'cp', ...args], { env: server.env }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()]);
    },
  };
}

async function makeTree(directory: TemporaryDirectory): Promise<string> {
  const root = directory.join('tree');
  await mkdir(root);
  for (const mode of modes) {
    const path = directory.join('tree', ` ${mode.toString(8)} 'é\n`);
    await writeFile(path, 'content');
    await chmod(path, mode);
    await utimes(path, times, times);
  }
  return root;
}

/** The bits and times of the copies, in the order of `modes`. */
async function kept(directory: TemporaryDirectory) {
  return Promise.all(
    modes.map(async (mode) => {
      const facts = await stat(directory.join('copy', ` ${mode.toString(8)} 'é\n`));
      return [facts.mode & 0o7777, facts.mtimeMs];
    }),
  );
}

const expected = modes.map((mode) => [mode & 0o777, times.getTime()]);
const real = () => startCodexExecServer({ listen: 'ws' });

describe('cp -p with a server that runs programs', (test) => {
  test(
    'cp -r -p TREE box:COPY keeps modes and times, but lets nothing run as its owner',
    async () => {
      await using place = await setUp(real);
      const { exitCode, stderr } = await place.run(
        '-r',
        '-p',
        await makeTree(place.near),
        `box:${place.far.join('copy')}`,
      );
      assert.equal([exitCode, stderr.includes('not kept')], [0, false], stderr);
      assert.equal(await kept(place.far), expected);
    },
    { timeoutMs: 30_000 },
  );

  test(
    'cp -r -p box:TREE COPY keeps them too',
    async () => {
      await using place = await setUp(real);
      const { exitCode, stderr } = await place.run(
        '-r',
        '-p',
        `box:${await makeTree(place.far)}`,
        place.near.join('copy'),
      );
      assert.equal([exitCode, stderr.includes('not kept')], [0, false], stderr);
      assert.equal(await kept(place.near), expected);
    },
    { timeoutMs: 30_000 },
  );

  test(
    'cp -p box:A box:B keeps them from one server to another',
    async () => {
      await using place = await setUp(real);
      await using other = await startCodexExecServer({ listen: 'ws' });
      const args = ['--remote', `other=${other.remote}`, '-r', '-p', `box:${await makeTree(place.far)}`];
      const { exitCode, stderr } = await place.run(...args, `other:${place.near.join('copy')}`);
      assert.equal([exitCode, stderr.includes('not kept')], [0, false], stderr);
      assert.equal(await kept(place.near), expected);
    },
    { timeoutMs: 30_000 },
  );

  test('cp --no-exec -r -p TREE box:COPY says once what is not kept, and of how many files', async () => {
    await using place = await setUp(real);
    const copy = `box:${place.far.join('copy')}`;
    const { exitCode, stderr } = await place.run('--no-exec', '-r', '-p', await makeTree(place.near), copy);
    assert.is(exitCode, 0);
    assert.equal(stderr.match(/not kept.*/g), ['not kept: mode of 4 files, times of 4 files']);
  });
});

describe('cp -p with a server that runs none', (test) => {
  test('cp -r -p TREE box:COPY says once what is not kept', async () => {
    await using place = await setUp(() => startCodexfsServe({ listen: 'ws' }));
    const { exitCode, stderr } = await place.run(
      '-r',
      '-p',
      await makeTree(place.near),
      `box:${place.far.join('copy')}`,
    );
    assert.is(exitCode, 0);
    assert.equal(stderr.match(/not kept.*/g), ['not kept: mode of 4 files, times of 4 files']);
  });
});

// The newer Node releases that codexfs promises to run on: each is brought from the npm registry and runs the tests itself.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '../helpers/describe.js';
import { repositoryRoot } from '../helpers/repository.js';
import { codexfsProgram } from '../helpers/servers.js';

const run = promisify(execFile);

/** One of each line that is looked after; the tests themselves run on 20. */
const releases = ['22.23.3', '24.21.0'];
/** Parts of the tests that meet the platform: streams, sockets, files, children, signals. The rest is arithmetic. */
const patterns = [
  'fs/',
  'transport/',
  'rpc/',
  'protocol/',
  'dialects/',
  'server/',
  'transfer/',
  'e2e/cp',
  'e2e/interrupt',
  'interop/',
];

/** The program `node` of `release`, in a cache folder that git ignores. */
async function nodeOf(release: string): Promise<string> {
  const folder = join(repositoryRoot, '.cache', `node-${release}`);
  const program = join(folder, 'package/bin/node');
  if (
    await access(program).then(
      () => true,
      () => false,
    )
  )
    return program;
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  const name = `node-${process.platform}-${process.arch}@${release}`;
  const { stdout } = await run('npm', ['pack', '--pack-destination', unfinished, '--silent', name]);
  await run('tar', ['xzf', join(unfinished, stdout.trim()), '-C', unfinished]);
  await rm(join(unfinished, stdout.trim()));
  await rename(unfinished, folder);
  return program;
}

describe('codexfs', (test) => {
  test(
    'says what it needs where Node is older than that',
    async () => {
      const program = await nodeOf('20.0.0');
      const refused = run(program, [codexfsProgram, 'ls']).then(
        () => assert.fail('it ran'),
        ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
      );
      const stderr = 'codexfs: Node 20.19 or later is needed, and this is v20.0.0\n';
      assert.deepEqual(await refused, { code: 2, stderr });
    },
    { timeoutMs: 300_000 },
  );

  for (const release of releases) {
    test(
      `passes its tests on Node ${release}`,
      async () => {
        const program = await nodeOf(release);
        const { stdout: version } = await run(program, ['--version']);
        assert.equal(version.trim(), `v${release}`);
        const runner = join(repositoryRoot, 'dist/test/run.js');
        const { stdout } = await run(program, [runner, ...patterns], { maxBuffer: 64 * 1024 * 1024 }).catch(
          ({ stdout: output = '' }: { stdout?: string }) => assert.fail(output.replace(/^✔.*\n/gm, '')),
        );
        assert.match(stdout, /\n[1-9]\d{2,} passed, 0 failed(, \d+ skipped)?\n$/);
      },
      { timeoutMs: 600_000 },
    );
  }
});

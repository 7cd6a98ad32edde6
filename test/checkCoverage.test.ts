// The last step of `npm run coverage`: it fails where a folder that moves bytes or meets peers is not tested enough, or not measured.

import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { describe } from './helpers/describe.js';
import { repositoryRoot } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporaryDirectory.js';

type Files = Readonly<Record<string, readonly [covered: number, total: number]>>;

const enough: Files = {
  'src/dialects/a.ts': [95, 100],
  'src/rpc/a.ts': [10, 10],
  'src/transfer/a.ts': [90, 100],
  'src/transfer/b.ts': [100, 100],
  'src/server/a.ts': [19, 20],
  'src/cli/a.ts': [1, 10],
};

/** How the check of a summary of `files` ends, and what it prints. */
async function judged(files: Files) {
  await using directory = await temporaryDirectory();
  const entries = Object.entries(files).map(([path, [covered, total]]) => [
    join(repositoryRoot, path),
    { branches: { total, covered } },
  ]);
  const path = directory.join('summary.json');
  await writeFile(
    path,
    JSON.stringify({ total: { branches: { total: 1, covered: 1 } }, ...Object.fromEntries(entries) }),
  );
  const script = join(repositoryRoot, 'dist/scripts/checkCoverage.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, path], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the check of the coverage', (test) => {
  test('passes where every folder has enough, whatever single files and other folders have', async () => {
    const { status, stdout } = await judged(enough);
    assert.is(status, 0);
    assert.match(stdout, /^ {2}transfer +95\.0 % of 200 branches$/m);
  });

  for (const folder of ['dialects', 'rpc', 'transfer', 'server']) {
    test(`fails where ${folder} is one branch short`, async () => {
      const { status, stdout } = await judged({
        ...enough,
        [`src/${folder}/short.ts`]: [94, 100],
        'src/rpc/a.ts': [1, 1],
      });
      assert.is(status, 1);
      assert.match(stdout, new RegExp(`^✘ ${folder} `, 'm'));
    });

    test(`fails where nothing was measured of ${folder}`, async () => {
      const others = Object.entries(enough).filter(([path]) => !path.includes(`/${folder}/`));
      const { status, stderr } = await judged(Object.fromEntries(others));
      assert.is(status, 1);
      assert.match(stderr, `nothing was measured of ${folder}`);
    });
  }
});

// The README's nightly job: its line as it stands there, and its filter over the records of runs that end in every way.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type Jq, jqs, pathWith } from '../helpers/jqOnPath.js';
import { repositoryRoot } from '../helpers/repository.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';

/** The line of the nightly job, and what stands behind its pipe. */
async function nightlyJob(): Promise<{ readonly line: string; readonly filter: string }> {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  const [line = '', filter = ''] = /^codexfs sync .* --json .*\| (jq .*)$/m.exec(readme) ?? [];
  return { line, filter };
}

/** A shell in `folder` that has `jq`, and resolves with whether a line succeeded. */
async function shellWith(jq: Jq, folder: TemporaryDirectory, env: Readonly<Record<string, string>> = {}) {
  await mkdir(folder.join('bin'));
  const PATH = await pathWith(jq, folder.join('bin'));
  const options = { cwd: folder.path, env: { PATH, HOME: folder.path, ...env } };
  return (line: string) =>
    new Promise<boolean>((resolve) => {
      execFile('sh', ['-c', line], options, (error) => resolve(error === null));
    });
}

for (const jq of jqs) {
  describe(`the nightly job of the README, with ${jq}`, (test) => {
    test('makes box:www what ./site is, and fails when it cannot', async () => {
      await using folder = await temporaryDirectory();
      await makeTree(folder.path, { 'site/index.html': 'new', 'site/img/a.png': 'a', 'there/www/gone.html': 'old' });
      await using server = await startCodexfsServe({ listen: 'ws', wrapper: ['env', '-C', folder.join('there')] });
      await writeFile(folder.join('config.toml'), `[[environments]]\nid = "box"\nurl = "${server.remote}"\n`);
      const succeeds = await shellWith(jq, folder, { CODEXFS_CONFIG: folder.join('config.toml') });
      const { line } = await nightlyJob();
      assert.is(await succeeds(line), true);
      assert.equal(await treeOf(folder.join('there/www')), await treeOf(folder.join('site')));
      assert.is(await succeeds(line), true, 'nothing to do is a success');
      await rm(folder.join('site'), { recursive: true });
      assert.is(await succeeds(line), false, 'a source that is gone is not');
      assert.equal(Object.keys(await treeOf(folder.join('there/www'))).length, 3);
    });

    test('takes success only for one: not a failure, ^C, wrong use or no record', async () => {
      await using folder = await temporaryDirectory();
      await using server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] });
      await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 2_000_000 });
      const { filter } = await nightlyJob();
      const succeeds = await shellWith(jq, folder);
      await writeFile(folder.join('small'), 'abc');
      await writeFile(folder.join('large'), contentOf(4 * 1024 * 1024));
      const to = `box:${folder.join('to')}`;
      const interrupt = { signal: 'SIGINT', when: () => proxy.passed('up', 1024 * 1024) } as const;
      const verdict = async (words: readonly string[], signalWhen?: typeof interrupt) => {
        const run = await runCodexfs(['--remote', `box=${proxy.url}`, 'cp', '--json', ...words], {
          cwd: folder.path,
          ...(signalWhen && { signalWhen }),
        });
        await writeFile(folder.join('records'), run.stdout);
        return [run.signal ?? run.exitCode, await succeeds(`${filter} < records`)];
      };
      assert.equal(await verdict(['small', to]), [0, true]);
      assert.equal(await verdict(['missing', to]), [3, false]);
      assert.equal(await verdict(['large', to], interrupt), ['SIGINT', false]);
      assert.equal(await verdict(['small', 'other']), [2, false]);
      assert.equal(await verdict(['--no-such-option', 'small', to]), [2, false]);
    });
  });
}

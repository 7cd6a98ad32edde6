// The jq filter of the README's nightly job: true for a run that did all, and for nothing else.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { repositoryRoot } from '../helpers/repository.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

/** What stands behind the pipe of the nightly job. */
async function nightlyFilter(): Promise<string> {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  const [, filter = ''] = /^codexfs sync .* --json .*\| (jq .*)$/m.exec(readme) ?? [];
  return filter;
}

describe('codexfs sync --delete --json ./site box:www | jq', (test) => {
  test('is true after success only: not after a failure, ^C, wrong use or no record', async () => {
    const hasJq = await promisify(execFile)('jq', ['--version']).catch(() => undefined);
    if (hasJq === undefined) return;
    await using folder = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] });
    await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 2_000_000 });
    const filter = await nightlyFilter();
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
      const jq = promisify(execFile)('sh', ['-c', `${filter} < records`], { cwd: folder.path });
      return [run.signal ?? run.exitCode, await jq.then(() => true).catch(() => false)];
    };
    assert.equal(await verdict(['small', to]), [0, true]);
    assert.equal(await verdict(['missing', to]), [3, false]);
    assert.equal(await verdict(['large', to], interrupt), ['SIGINT', false]);
    assert.equal(await verdict(['small', 'other']), [2, false]);
    assert.equal(await verdict(['--no-such-option', 'small', to]), [2, false]);
  });
});

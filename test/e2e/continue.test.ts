// ^C half-way, and the command that is printed then: it finishes the copy, and the result is the source.

import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { codexfsProgram, startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const size = 4 * 1024 * 1024;
const timeoutMs = 60_000;
const servers: Record<string, () => Promise<TestServer>> = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve': () => startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] }),
};

/** Runs the line that `result` ends with in a shell, against the server itself and no longer through the slow proxy. */
async function goOn({ stderr }: RunResult, proxyUrl: string, remote: string, cwd: string): Promise<string> {
  const [, line = 'false'] = /^ {2}continue with: (codexfs .*)$/m.exec(stderr) ?? [];
  assert.is.not(line, 'false', stderr);
  const command = line.replace(/^codexfs/, `${process.execPath} ${codexfsProgram}`).replace(proxyUrl, remote);
  const { stderr: said } = await promisify(execFile)('sh', ['-c', command], { cwd });
  return said;
}

for (const [name, start] of Object.entries(servers)) {
  describe(`a copy that was interrupted and continued, ${name}`, (test) => {
    for (const [what, source, destination] of [
      ['a file', 'd/a', "it's b"],
      ['a tree to a new directory', 'd', 'new'],
      ['a tree into a directory', 'd', '.'],
    ] as const) {
      test(
        `cp -r box:${source} "${destination}", ${what}`,
        async () => {
          await using far = await temporaryDirectory();
          await using near = await temporaryDirectory();
          await using server = await start();
          await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 3_000_000 });
          await mkdir(far.join('d'));
          await writeFile(far.join('d', 'a'), contentOf(size));
          await writeFile(far.join('d', 'small'), 'small');
          const args = ['--remote', `box=${proxy.url}`, 'cp', '-r', `box:${far.join(source)}`, destination];
          const when = () => proxy.passed('down', size / 2);
          const result = await runCodexfs(args, { cwd: near.path, signalWhen: { signal: 'SIGINT', when } });
          const copy = what === 'a file' ? near.join(destination) : near.join(destination === '.' ? 'd' : 'new', 'a');
          const held = await stat(copy);
          assert.ok(held.size > 0 && held.size < size, result.stderr);
          assert.is(await goOn(result, proxy.url, server.remote, near.path), '');
          assert.ok((await readFile(copy)).equals(contentOf(size)));
          const after = await stat(copy);
          assert.is(after.ino, held.ino);
          if (what !== 'a file') assert.is(await readFile(copy.replace(/a$/, 'small'), 'utf8'), 'small');
        },
        { timeoutMs },
      );
    }

    test(
      'cp a box:b says of no way on, and neither does cp --atomic, which leaves nothing',
      async () => {
        await using far = await temporaryDirectory();
        await using near = await temporaryDirectory();
        await using server = await start();
        await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 3_000_000 });
        for (const folder of [far, near]) await writeFile(folder.join('a'), contentOf(size));
        const run = (words: string[], way: 'up' | 'down', passed: number) =>
          runCodexfs(['--remote', `box=${proxy.url}`, 'cp', ...words], {
            cwd: near.path,
            signalWhen: { signal: 'SIGINT', when: () => proxy.passed(way, passed) },
          });
        const up = await run(['a', `box:${far.join('b')}`], 'up', size / 2);
        assert.match(up.stderr, /^ {2}partial: /m);
        assert.not.match(up.stderr, 'continue with');
        const atomic = await run(['--atomic', `box:${far.join('a')}`, 'b'], 'down', size / 2);
        assert.is(atomic.signal, 'SIGINT');
        assert.is(atomic.stderr, 'codexfs: interrupted: 0 of 1 file done\n');
        assert.is(await stat(near.join('b')).catch(() => 'none'), 'none');
      },
      { timeoutMs },
    );
  });
}

// A tree that is stopped at some 40 %, by ^C or with its server, up and down: what is said of it, and the command that finishes it.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type RunOptions, runCodexfs } from '../helpers/runCodexfs.js';
import { codexfsProgram, startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { hashesOf, makeTree } from '../helpers/treeOf.js';

const fileCount = 12;
/** Too large to be moved in one go, so that some are always partly there. */
const fileBytes = 1_000_000;
// As text, for trees are made of that: some bytes become two.
const content = contentOf(fileBytes).toString('latin1');
const source = Buffer.from(content);
const files = Array.from({ length: fileCount }, (_, index) => `d${index % 3}/part-${String(index).padStart(2, '0')}`);

const servers: Record<string, () => Promise<TestServer>> = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve': () => startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'] }),
};

/** What `stderr` says of a run: how many files are done, which are partial, how many were not begun, and how to go on. */
function told(stderr: string) {
  const number = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1] ?? 0);
  return {
    partials: [...stderr.matchAll(/^ {2}partial: (?:box:)?(\S+)/gm)].map((match) => match[1] ?? ''),
    done: number(/(?:interrupted|cp): (\d+) of 12 files done/),
    rest: number(/(?:untouched: |done.*, )(\d+) (?:files?|not attempted)/),
    line: /^ {2}continue with: (codexfs .*)$/m.exec(stderr)?.[1],
  };
}

async function finish(line: string | undefined, proxyUrl: string, remote: string): Promise<void> {
  assert.ok(line !== undefined, 'no command goes on');
  const command = line?.replace(/^codexfs/, `${process.execPath} ${codexfsProgram}`).replace(proxyUrl, remote);
  await promisify(execFile)('sh', ['-c', command ?? 'false']);
}

for (const [name, start] of Object.entries(servers)) {
  for (const way of ['up', 'down'] as const) {
    for (const end of ['^C', 'a killed server'] as const) {
      describe(`cp -r, ${way}, ${name}, ended by ${end}`, (test) => {
        test(
          'says what is partial and what was not begun, and the command that it prints finishes it',
          async () => {
            await using place = await temporaryDirectory();
            await using server = await start();
            await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 8_000_000 });
            await makeTree(place.join('from'), { 'empty/': '' });
            await makeTree(place.join('from'), Object.fromEntries(files.map((path) => [path, content])));
            const [from, to] = [place.join('from'), place.join('to')];
            const words = way === 'up' ? [from, `box:${to}`] : [`box:${from}`, to];
            // In base64 and with headers, a good 40 % of all bytes.
            const when = () => proxy.passed(way, fileCount * source.length * 0.55);
            const options: RunOptions = end === '^C' ? { signalWhen: { signal: 'SIGINT', when } } : {};
            const running = runCodexfs(
              ['--remote', `box=${proxy.url}`, 'cp', '-r', '-j', '4', '--retries', '0', ...words],
              options,
            );
            if (end !== '^C') {
              await when();
              process.kill(server.pid ?? 0, 'SIGKILL');
            }
            const { signal, exitCode, stderr } = await running;
            assert.equal([signal, exitCode], end === '^C' ? ['SIGINT', null] : [null, 10], stderr);
            const { partials, done, rest, line } = told(stderr);
            assert.ok(done > 0 && partials.length > 0 && rest > 0, stderr);
            if (end === '^C') assert.is(done + partials.length + rest, fileCount, stderr);
            for (const path of partials) {
              // What was opened last may not be there yet.
              const held = await readFile(path).catch(() => Buffer.alloc(0));
              assert.ok(held.equals(source.subarray(0, held.length)), path);
            }
            await using next = await start();
            await finish(line, proxy.url, end === '^C' ? server.remote : next.remote);
            assert.equal(await hashesOf(to), await hashesOf(from));
          },
          { timeoutMs: 120_000 },
        );
      });
    }
  }
}

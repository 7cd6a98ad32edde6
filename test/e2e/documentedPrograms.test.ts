// The programs that README.md and docs/API.md begin with: their types checked as a user's are, and run against a server.

import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { repositoryRoot } from '../helpers/repository.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const run = promisify(execFile);
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/** The first program of a page. */
async function programOf(page: string): Promise<string> {
  const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(repositoryRoot, page), 'utf8')) ?? [];
  return program;
}

/** `program` compiled in an empty project that has only codexfs and Node's types, with the options that docs/API.md names. */
async function compile(program: string, folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  await symlink(repositoryRoot, join(modules, 'codexfs'));
  await symlink(join(repositoryRoot, 'node_modules/@types/node'), join(modules, '@types/node'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'program.ts'), program);
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  await run(process.execPath, [compiler, ...options, 'program.ts'], { cwd: folder }).catch(
    ({ stdout }: { stdout: string }) => assert.unreachable(stdout),
  );
}

describe('the first program of', (test) => {
  for (const [page, landsIn, says] of [
    ['README.md', 'inbox/report.txt', ''],
    ['docs/API.md', 'report.txt', 'directory inbox\nfile report.txt\n17 bytes copied\n'],
  ] as const) {
    test(
      `${page} has the right types and copies a file`,
      async () => {
        await using here = await temporaryDirectory();
        await using there = await temporaryDirectory();
        await mkdir(there.join('inbox'));
        await writeFile(here.join('report.txt'), 'all tests passed\n');
        await using server = await startCodexExecServer({ listen: 'ws', wrapper: ['env', '-C', there.path] });
        const program = await programOf(page);
        assert.ok(program.includes("'ws://127.0.0.1:4500'"));
        await compile(program.replace('ws://127.0.0.1:4500', server.remote), here.path);
        const { stdout } = await run(process.execPath, ['program.js'], { cwd: here.path });
        assert.is(stdout.split('\n').sort().join('\n').trim(), says.split('\n').sort().join('\n').trim());
        assert.is(await readFile(there.join(landsIn), 'utf8'), 'all tests passed\n');
      },
      { timeoutMs: 60_000 },
    );
  }
});

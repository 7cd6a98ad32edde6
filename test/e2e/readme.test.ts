// The session in the README, run command by command as it stands there; what it prints must be what the README shows.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from '../helpers/describe.js';
import { repositoryRoot } from '../helpers/repository.js';
import { putCodexfsIn, startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Step {
  readonly command: string;
  readonly output: string;
}

/** The steps of the README's `console` block. */
async function sessionSteps(): Promise<Step[]> {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  const block = /```console\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...lines] = step.split('\n');
      return { command, output: lines.join('\n') };
    });
}

/** Speeds and durations are never the same twice, nor is the place where ^C finds a copy. */
function steady(output: string): string {
  return output
    .replace(/ in \d+(\.\d+)?m?s \([^)]*\)/g, ' in TIME (SPEED)')
    .replace(/\(\d+ of 67108864 bytes\)/g, '(SOME of 67108864 bytes)');
}

/** What a terminal echoes of the key; the step is interrupted where it stands. */
const interruption = '^C\n';

describe('the session in the README', (test) => {
  test(
    'prints what it shows',
    async () => {
      await using directory = await temporaryDirectory();
      const [box, here, bin] = ['box', 'here', 'bin'].map((name) => join(directory.path, name));
      assert.ok(box !== undefined && here !== undefined && bin !== undefined);
      for (const path of [box, here, bin, join(here, 'src')]) await mkdir(path);
      await putCodexfsIn(bin);
      await writeFile(join(here, 'report.txt'), 'all tests passed\n');
      await writeFile(join(here, 'src/a.c'), 'int main;\n');
      await writeFile(join(here, 'src/b.c'), 'int more;\n');
      await writeFile(join(box, 'model.bin'), randomBytes(64 * 1024 * 1024));
      await using server = await startCodexExecServer({ listen: 'ws', wrapper: ['env', '-C', box] });
      const steps = await sessionSteps();
      assert.ok(steps.length >= 9, `only ${steps.length} commands found`);
      const shell = { cwd: here, bin, url: server.remote };
      let status = 0;
      for (const { command, output } of steps) {
        const isInterrupted = output.startsWith(interruption);
        const ran = await runInShell(isInterrupted ? interrupted(command) : command, status, shell);
        status = ran.status;
        const shown = isInterrupted ? output.slice(interruption.length) : output;
        assert.deepEqual({ command, output: steady(ran.output) }, { command, output: steady(shown) });
      }
    },
    { timeoutMs: 60_000 },
  );
});

describe('npm install --global .', (test) => {
  test('puts codexfs and its man pages on the path', async () => {
    assert.match(await readFile(join(repositoryRoot, 'README.md'), 'utf8'), /`npm install --global \.`/);
    await using prefix = await temporaryDirectory();
    const args = ['install', '--global', '.', '--prefix', prefix.path, '--offline', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', args, { cwd: repositoryRoot });
    const { stdout } = await promisify(execFile)(prefix.join('bin/codexfs'), ['--version']);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match(await readFile(prefix.join('share/man/man1/codexfs-cp.1'), 'utf8'), /codexfs-cp/);
  });
});

/** `command` with a SIGINT in the middle of its work. */
function interrupted(command: string): string {
  return `timeout --foreground --preserve-status --signal=INT 1.5 ${command}`;
}

/** Runs one command line in bash, where `$?` is `lastStatus`. */
function runInShell(
  command: string,
  lastStatus: number,
  shell: { readonly cwd: string; readonly bin: string; readonly url: string },
): Promise<{ readonly status: number; readonly output: string }> {
  const env = { ...process.env, PATH: `${shell.bin}:${process.env.PATH}`, CODEX_EXEC_SERVER_URL: shell.url };
  const script = `exec 2>&1; (exit ${lastStatus}); ${command}`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: shell.cwd, env }, (error, stdout) => {
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout });
    });
  });
}

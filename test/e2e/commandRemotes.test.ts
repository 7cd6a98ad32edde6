// Commands as remotes that are no servers: what is said of each, and that none of their processes is left.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { killNow, processesMarked } from '../helpers/processes.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { codexfsProgram, codexHome, codexProgram } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const shell = (script: string) => `sh -c '${script}'`;

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly lines: readonly string[];
}

/** `codexfs ls box:` where box is `command`; does not come to an end while one of its processes is left. */
async function list(command: string, env: Record<string, string> = {}): Promise<Outcome> {
  const mark = randomUUID();
  const words = ['--connect-timeout=1s', `--remote=box=exec:${command}`, 'ls', 'box:'];
  const { exitCode, stdout, stderr } = await runCodexfs(words, { env: { ...env, CODEXFS_TEST_MARK: mark } });
  // A killed process is there until it is reaped, by whoever inherited it.
  await eventually(async () => (await processesMarked(`CODEXFS_TEST_MARK=${mark}`)).length === 0);
  return { exitCode, stdout: stdout.toString('utf8'), lines: stderr.trimEnd().split('\n') };
}

describe('a command that is a server', (test) => {
  test('and leaves behind who holds its streams is not waited for longer than itself', async () => {
    await using place = await temporaryDirectory();
    const server = `exec "${process.execPath}" "${codexfsProgram}" serve --listen stdio`;
    // Out of the reach of a group's kill, and open: a master connection of ssh is like that.
    const script = `setsid sleep 1000 & echo $! > "${place.join('pid')}"; ${server}`;
    const { exitCode, stderr } = await runCodexfs([`--remote=box=exec:${shell(script)}`, 'ls', `box:${place.path}`]);
    killNow(Number(await readFile(place.join('pid'), 'utf8')));
    assert.equal([exitCode, stderr], [0, '']);
  });
});

describe('a command that is no server', (test) => {
  test('and exits is told by its status and its last words', async () => {
    assert.equal(await list(shell('echo one >&2; echo two >&2; exit 3')), {
      exitCode: 7,
      stdout: '',
      lines: [
        'codexfs: ls: sh -c echo one >&2; echo two >&2; exit 3 did not shake hands: ' +
          'the command exited with status 3, saying: one / two',
      ],
    });
  });

  test('and exits, leaving behind who holds its streams, is told by its status at once', async () => {
    for (const script of ['sleep 1000 & exit 3', 'sleep 1000 >/dev/null & exit 3', 'sleep 1000 2>/dev/null & exit 3']) {
      const { exitCode, lines } = await list(shell(script));
      assert.is(exitCode, 7);
      assert.match(lines.join('\n'), /did not shake hands: the command exited with status 3$/);
    }
  });

  test('and prints text first is told by the text', async () => {
    const { exitCode, stdout, lines } = await list(shell('echo Welcome to box!; cat'));
    assert.equal([exitCode, stdout], [7, '']);
    assert.match(lines[0] ?? '', /it does not speak the exec-server protocol .*the message is not JSON/);
    assert.equal(lines.slice(1), ['hint: its standard output is for answers alone, and it wrote: Welcome to box!']);
  });

  test('but an exec-server without --listen stdio is told by what that prints', async () => {
    await using home = await codexHome();
    const { exitCode, lines } = await list(`${await codexProgram()} exec-server`, { CODEX_HOME: home.path });
    assert.is(exitCode, 7);
    assert.match(
      lines[1] ?? '',
      /^hint: its standard output is for answers alone, and it wrote: ws:\/\/127\.0\.0\.1:\d+$/,
    );
  });

  test('and never answers is told after the time-out, with what it said', async () => {
    assert.equal(await list(shell('echo waiting for a lock >&2; sleep 1000')), {
      exitCode: 7,
      stdout: '',
      lines: [
        'codexfs: ls: sh -c echo waiting for a lock >&2; sleep 1000 did not shake hands: no answer for 1 s',
        'hint: it said: waiting for a lock',
      ],
    });
  });

  test('and floods its standard error is told with some of it', async () => {
    const { exitCode, lines } = await list(
      shell('echo first >&2; head -c 5000000 /dev/zero | tr "\\0" e >&2; echo last >&2; exit 1'),
    );
    assert.is(exitCode, 7);
    assert.match(lines.join('\n'), /exited with status 1, saying: first \/ e+ … e+last$/);
    assert.ok(lines.join().length < 2_500);
  });

  test('and floods without end is left', async () => {
    const { exitCode, lines } = await list('yes', {});
    assert.is(exitCode, 7);
    assert.match(lines.join('\n'), /and it wrote: y$/);
  });

  test('and ignores what it is told, together with its children, is killed', async () => {
    const { exitCode, lines } = await list(
      shell('trap "" TERM HUP INT; (trap "" TERM; sleep 1000) & while :; do sleep 1000; done'),
    );
    assert.is(exitCode, 7);
    assert.match(lines[0] ?? '', /no answer for 1 s$/);
  });
});

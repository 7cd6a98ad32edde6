// codexfs doctor on servers of several kinds: what it finds is what they are known for, and it leaves nothing behind.

import { readdir } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { codexHome, codexProgram, startCodexExecServer, startCodexfsServe } from '../helpers/servers.js';
import { slowProxy } from '../helpers/slowProxy.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const patient = { timeoutMs: 60_000 };

function diagnosisOf({ exitCode, stdout, stderr }: RunResult) {
  assert.equal([exitCode, stderr], [0, '']);
  const [diagnosis, summary] = stdout
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(summary.type, 'summary');
  const states = Object.fromEntries(
    diagnosis.features.map(({ name, state }: { name: string; state: string }) => [name, state]),
  );
  return { ...diagnosis, states };
}

async function assertIsEmpty(directory: TemporaryDirectory): Promise<void> {
  assert.equal(await readdir(directory.path), []);
}

describe('codexfs doctor', (test) => {
  test(
    'knows a released exec-server',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexExecServer({ listen: 'ws', wrapper: ['env', '-C', place.path] });
      const words = ['doctor', '--json', `--remote=box=${server.remote}`, `box:${place.path}`];
      const { upload, download, latencyMs, states, ...rest } = diagnosisOf(await runCodexfs(words));
      assert.equal([rest.name, rest.address, rest.origin, rest.hasToken], ['box', server.remote, '--remote', false]);
      assert.equal([rest.serverKind, rest.version, rest.workingDirectory], ['exec-server', '0.169.0', place.path]);
      assert.equal([rest.readDialect, rest.writeDialect, rest.handleLimit], ['blocks', 'blocks', 128]);
      assert.ok(latencyMs > 0 && upload.bytes > 0 && download.bytes > 0);
      assert.equal(new Set(Object.values(states)), new Set(['on']));
      await assertIsEmpty(place);
    },
    patient,
  );

  test(
    'knows codexfs serve, which runs no programs',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexfsServe({ listen: 'ws', args: ['--root', place.path] });
      const words = ['doctor', '--json', `--remote=box=${server.remote}`, 'box'];
      const { readDialect, writeDialect, handleLimit, states } = diagnosisOf(await runCodexfs(words));
      assert.equal([readDialect, writeDialect, handleLimit], ['handles', 'handles', 64]);
      assert.equal(states['uploads of any size'], 'on');
      assert.equal([states['--verify and sums'], states['permission bits']], ['slower', 'off']);
      await assertIsEmpty(place);
    },
    patient,
  );

  test(
    'knows a server that lets nothing be written, and says so',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexfsServe({ listen: 'ws', args: ['--root', place.path, '--read-only'] });
      const words = ['doctor', '--json', `--remote=box=${server.remote}`, 'box'];
      const { states, upload, features, handleLimit } = diagnosisOf(await runCodexfs(words));
      assert.equal([states.uploads, upload, handleLimit], ['off', null, null]);
      assert.match(features[0].reason, /no file could be made to try it: .*read-only/);
    },
    patient,
  );

  test(
    'knows an app-server, which has neither folders nor pieces',
    async () => {
      await using place = await temporaryDirectory();
      await using home = await codexHome();
      const remote = `--remote=box=app+exec:${await codexProgram()} app-server`;
      const words = ['doctor', '--json', remote, `box:${place.path}`];
      const found = diagnosisOf(await runCodexfs(words, { env: { CODEX_HOME: home.path } }));
      assert.equal([found.serverKind, found.version], ['app-server', '0.169.0']);
      assert.equal([found.readDialect, found.writeDialect, found.handleLimit], ['buffered', 'buffered', null]);
      const { states } = found;
      assert.equal([states['relative paths'], states['paths from ~']], ['off', 'off']);
      assert.equal([states['uploads of any size'], states['downloads of any size']], ['off', 'slower']);
      await assertIsEmpty(place);
    },
    patient,
  );

  test(
    '--no-exec is the reason for what it forbids',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexExecServer({ listen: 'ws' });
      const words = ['doctor', '--no-exec', `--remote=box=${server.remote}`, `box:${place.path}`];
      const { exitCode, stdout, stderr } = await runCodexfs(words);
      assert.equal([exitCode, stderr], [0, 'codexfs: examining box; this takes a few seconds\n']);
      const text = stdout.toString('utf8');
      assert.match(
        text,
        new RegExp(`^reached +${server.remote}\ndefined +--remote\nserver +exec-server 0.169.0, linux\n`),
      );
      assert.match(text, /^open files +128 at a time$/m);
      assert.match(text, /^upload +\S+ \S+\/s \(\S+ \S+ in \S+\)$/m);
      assert.match(
        text,
        /^slower +--verify and sums +every byte is read back: --no-exec forbids to run programs there$/m,
      );
      await assertIsEmpty(place);
    },
    patient,
  );

  test(
    'removes its file after ^C too',
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexExecServer({ listen: 'ws' });
      await using proxy = await slowProxy({ target: server.remote, bytesPerSecond: 2_000_000 });
      const words = ['doctor', `--remote=box=${proxy.url}`, `box:${place.path}`];
      const when = () => proxy.passed('up', 300_000);
      const { signal, stderr } = await runCodexfs(words, { signalWhen: { signal: 'SIGINT', when } });
      assert.is(signal, 'SIGINT', stderr);
      await eventually(async () => (await readdir(place.path)).length === 0);
    },
    patient,
  );

  test('fails as every command does where there is no server, and no remote', async () => {
    const nobody = await runCodexfs(['doctor', '--remote=box=ws://127.0.0.1:1', 'box']);
    assert.is(nobody.exitCode, 7);
    assert.match(nobody.stderr, 'codexfs: doctor: cannot connect to ws://127.0.0.1:1: nothing listens there');
    const unknown = await runCodexfs(['doctor', '--remote=devbox=ws://127.0.0.1:1', 'devbx']);
    assert.is(unknown.exitCode, 2);
    assert.match(unknown.stderr, 'did you mean devbox:?');
    for (const words of [['./a'], [], ['a', 'b']]) assert.is((await runCodexfs(['doctor', ...words])).exitCode, 2);
  });
});

// codexfs remotes, and the way from the files of remotes to a server, as users see them.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const toml = `default = "two"
[[environments]]
id = "one"
url = "wss://exec.example/box?ticket=secret-ticket"
auth_bearer_token = "secret-token"
[[environments]]
id = "two"
program = "ssh"
args = ["two", "codex", "exec-server"]
env = { SSH_PASSWORD = "secret-variable" }
`;

async function withFile(place: TemporaryDirectory, text: string): Promise<Record<string, string>> {
  await writeFile(place.join('environments.toml'), text, { mode: 0o600 });
  return { CODEX_HOME: place.path };
}

describe('codexfs remotes', (test) => {
  test('lists each remote with its address and its origin, the default one marked', async () => {
    await using place = await temporaryDirectory();
    const env = { ...(await withFile(place, toml)), CODEX_EXEC_SERVER_URL: 'ws://127.0.0.1:4500' };
    const { stdout, stderr, exitCode } = await runCodexfs(['remotes', '--remote', 'three=ws://h:1'], { env });
    const lines = stdout.toString('utf8').split('\n');
    assert.equal(
      lines.slice(0, 4).map((line) => line.replace(/ {2,}/g, '  ')),
      [
        '  three  ws://h:1  --remote',
        `  one  wss://exec.example/box?…  ${place.join('environments.toml')}`,
        `* two  ssh two codex exec-server  ${place.join('environments.toml')}`,
        '  remote  ws://127.0.0.1:4500  CODEX_EXEC_SERVER_URL',
      ],
    );
    const origins = lines.slice(0, 4).map((line) => line.lastIndexOf('  ') + 2);
    assert.equal(origins, [37, 37, 37, 37], 'the long command of local moves no other column');
    assert.match(lines[4] ?? '', /^ {2}local .* serve --listen stdio +built in$/);
    assert.equal([exitCode, stderr, lines.length], [0, '', 6]);
  });

  test('--json tells the same in records, and no secret', async () => {
    await using place = await temporaryDirectory();
    const { stdout, exitCode } = await runCodexfs(['remotes', '--json'], { env: await withFile(place, toml) });
    const text = stdout.toString('utf8');
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const origin = place.join('environments.toml');
    assert.equal(records.slice(0, 2), [
      {
        v: 1,
        type: 'remote',
        name: 'one',
        kind: 'webSocket',
        address: 'wss://exec.example/box?…',
        origin,
        isDefault: false,
        hasToken: true,
      },
      {
        v: 1,
        type: 'remote',
        name: 'two',
        kind: 'command',
        address: 'ssh two codex exec-server',
        origin,
        isDefault: true,
        hasToken: false,
      },
    ]);
    const { type, doneCount, failedCount, exitStatus } = records.at(-1);
    assert.equal([records.length, type, doneCount, failedCount, exitStatus], [4, 'summary', 3, 0, 0]);
    assert.not.match(text, 'secret');
    assert.is(exitCode, 0);
  });

  test('warns of an unknown field, and refuses a broken file with its place', async () => {
    await using place = await temporaryDirectory();
    const odd = await runCodexfs(['remotes'], { env: await withFile(place, 'colour = 1\n') });
    const path = place.join('environments.toml');
    assert.is(odd.stderr, `codexfs: warning: ${path}:1:1: the field \`colour\` is unknown and passed over\n`);
    assert.is(odd.exitCode, 0);
    const broken = await runCodexfs(['remotes'], { env: await withFile(place, 'default = "x\n') });
    assert.match(broken.stderr, `codexfs: remotes: ${path}:1:13: this is not TOML: `);
    assert.equal([broken.exitCode, broken.stdout.toString('utf8')], [2, '']);
  });

  test('takes no words', async () => {
    const { exitCode, stderr } = await runCodexfs(['remotes', 'box']);
    assert.is(exitCode, 2);
    assert.match(stderr, 'remotes takes no words');
  });
});

describe('a remote of a file', (test) => {
  test('is reached by its name, and as the default by none', async () => {
    await using place = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws' });
    await writeFile(place.join('a'), 'content');
    const env = await withFile(place, `default = "box"\n[[environments]]\nid = "box"\nurl = "${server.remote}"\n`);
    for (const word of [`box:${place.join('a')}`, `:${place.join('a')}`]) {
      const { exitCode, stdout, stderr } = await runCodexfs(['cat', word], { env });
      assert.equal([exitCode, stdout.toString('utf8'), stderr], [0, 'content', '']);
    }
  });

  test('is not looked for where no word can be a name', async () => {
    await using place = await temporaryDirectory();
    await using server = await startCodexfsServe({ listen: 'ws' });
    await writeFile(place.join('a'), 'content');
    const env = await withFile(place, 'this is not TOML');
    const { exitCode, stderr } = await runCodexfs(['cat', `${server.remote}${place.join('a')}`], { env });
    assert.equal([exitCode, stderr], [0, '']);
    assert.is((await runCodexfs(['cat', 'box:a'], { env })).exitCode, 2);
  });
});

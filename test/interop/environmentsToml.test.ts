// One environments.toml, read by codexfs and by Codex: the same files are right, and the same names reach the same servers.
// `codex app-server` reads it when it starts, and connects to a server when it is asked about it.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { connectRemote } from '../../src/remotes/connect.js';
import { loadRegistry } from '../../src/remotes/loadRegistry.js';
import { spawnStdioServer } from '../../src/transport/stdio.js';
import { describe } from '../helpers/describe.js';
import { environmentsCases } from '../helpers/environmentsCases.js';
import { RawClient } from '../helpers/rawClient.js';
import { codexHome, codexProgram, startCodexExecServer } from '../helpers/servers.js';
import type { TemporaryDirectory } from '../helpers/temporaryDirectory.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

async function startAppServer(home: TemporaryDirectory): Promise<RawClient> {
  const program = await codexProgram();
  return new RawClient(await spawnStdioServer({ program, args: ['app-server'], env: { CODEX_HOME: home.path } }));
}

/** Undefined when Codex starts with `toml`, else what it complains of. */
async function complaintOfCodex(toml: string): Promise<string | undefined> {
  await using home = await codexHome();
  await writeFile(home.join('environments.toml'), toml);
  const client = await startAppServer(home);
  const started = client.call('initialize', { clientInfo: { name: 'test', version: '1' } }).then(
    () => undefined,
    async () => (await client.record.closed).text,
  );
  const complaint = await started;
  await client.close();
  return complaint;
}

describe('Codex, given an environments.toml', (test) => {
  for (const { title, toml, isTaken, isTakenByCodex = isTaken } of environmentsCases) {
    test(
      `${isTakenByCodex ? 'takes' : 'refuses'} ${title}`,
      async () => {
        const complaint = await complaintOfCodex(toml);
        if (isTakenByCodex) assert.is(complaint, undefined);
        else assert.match(complaint ?? 'it was taken', /protocol error|header/);
      },
      { timeoutMs: 30_000 },
    );
  }
});

describe('the names in an environments.toml', (test) => {
  test(
    'reach the same servers from codexfs and from Codex: by URL, with a token, and by a command',
    async () => {
      await using place = await temporaryDirectory();
      await using home = await codexHome();
      const token = 'the-token-of-the-guarded-one';
      for (const name of ['open', 'guarded']) await mkdir(place.join(name));
      await mkdir(home.join('below'));
      await writeFile(place.join('token'), token, { mode: 0o600 });
      const inFolder = (name: string) => ({ listen: 'ws', wrapper: ['env', '-C', place.join(name)] }) as const;
      await using open = await startCodexExecServer(inFolder('open'));
      const args = ['--ws-auth', 'capability-token', '--ws-token-file', place.join('token')];
      await using guarded = await startCodexExecServer({ ...inFolder('guarded'), args });
      const toml = `default = "command"
[[environments]]
id = "open"
url = "${open.remote}"
[[environments]]
id = "guarded"
url = "${guarded.remote}"
auth_bearer_token = "${token}"
[[environments]]
id = "command"
program = "${await codexProgram()}"
args = ["exec-server", "--listen", "stdio"]
cwd = "below"
env = { CODEX_HOME = "${home.path}" }
initialize_timeout_sec = 20
`;
      await writeFile(home.join('environments.toml'), toml, { mode: 0o600 });
      const names = ['open', 'guarded', 'command'];
      const expected = [place.join('open'), place.join('guarded'), home.join('below')].map((path) => `file://${path}`);
      assert.equal(await foldersByCodexfs(home, names), expected);
      assert.equal(await foldersByCodex(home, names), expected);
      assert.equal(await foldersByCodexfs(home, ['']), [`file://${join(home.path, 'below')}`]);
    },
    { timeoutMs: 90_000 },
  );
});

/** Where the server behind each name starts relative paths, which tells the servers of this test apart. */
async function foldersByCodexfs(home: TemporaryDirectory, names: readonly string[]): Promise<unknown[]> {
  const warn = (line: string) => assert.unreachable(line);
  const env = { HOME: home.path, CODEX_HOME: home.path };
  const registry = await loadRegistry({ definitions: [], env, isNameWanted: true, warn });
  const folders: unknown[] = [];
  for (const name of names) {
    await using fileSystem = await connectRemote(registry.find(name, `${name}:`));
    folders.push(fileSystem.server.cwd);
  }
  return folders;
}

async function foldersByCodex(home: TemporaryDirectory, names: readonly string[]): Promise<unknown[]> {
  const client = await startAppServer(home);
  const clientInfo = { name: 'test', version: '1' };
  await client.result('initialize', { clientInfo, capabilities: { experimentalApi: true } });
  client.send({ method: 'initialized' });
  const folders: unknown[] = [];
  for (const environmentId of names) folders.push((await client.result('environment/info', { environmentId })).cwd);
  await client.close();
  return folders;
}

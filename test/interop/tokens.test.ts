// A real exec-server that wants a token: from a file, the environment or a definition; right, wrong and missing; shown nowhere.

import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const token = 'R1ght-token_of.the~server';
const tokenVariable = 'CODEX_EXEC_SERVER_CONNECTION_TOKEN';

async function guardedServer(place: TemporaryDirectory) {
  await writeFile(place.join('token'), `${token}\n`, { mode: 0o600 });
  await writeFile(place.join('wrong'), 'wr0ng-token\n', { mode: 0o600 });
  await writeFile(place.join('a'), 'guarded');
  return startCodexExecServer({
    listen: 'ws',
    args: ['--ws-auth', 'capability-token', '--ws-token-file', place.join('token')],
  });
}

/** A JWT that is good for a minute, signed by HMAC-SHA256. */
function signedToken(secret: string): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { exp: Math.floor(Date.now() / 1000) + 60 };
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function assertShowsNoToken({ stdout, stderr }: RunResult): void {
  assert.not.match(`${stdout.toString('latin1')} ${stderr}`, /R1ght|wr0ng/);
}

describe('a server that wants a token', (test) => {
  test('gets it from --token-file, from the environment and from a definition', async () => {
    await using place = await temporaryDirectory();
    await using server = await guardedServer(place);
    const config = place.join('config.toml');
    const toml = `[[environments]]\nid = "box"\nurl = "${server.remote}"\nauth_bearer_token = "${token}"\n`;
    await writeFile(config, toml, { mode: 0o600 });
    const where = `--remote=box=${server.remote}`;
    const file = `box:${place.join('a')}`;
    const runs = [
      await runCodexfs([where, '--token-file', place.join('token'), 'cat', file]),
      await runCodexfs([where, 'cat', file], { env: { [tokenVariable]: token } }),
      await runCodexfs(['cat', file], { env: { CODEXFS_CONFIG: config } }),
      await runCodexfs(['cat', file], { env: { CODEXFS_CONFIG: config, [tokenVariable]: 'wr0ng-token' } }),
    ];
    for (const { exitCode, stdout, stderr } of runs) assert.equal([exitCode, `${stdout}`, stderr], [0, 'guarded', '']);
    const overruled = ['--token-file', place.join('wrong'), 'cat', file];
    assert.is((await runCodexfs(overruled, { env: { CODEXFS_CONFIG: config } })).exitCode, 7);
  });

  test('refuses a wrong one and none, and each is said for what it is', async () => {
    await using place = await temporaryDirectory();
    await using server = await guardedServer(place);
    const file = `${server.remote}${place.join('a')}`;
    const none = await runCodexfs(['cat', file]);
    assert.equal(
      [none.exitCode, none.stderr],
      [
        7,
        `codexfs: cat: ${server.remote} refused the connection: a token is needed (HTTP 401)\n` +
          'hint: pass the token with --token-file FILE or in CODEX_EXEC_SERVER_CONNECTION_TOKEN\n',
      ],
    );
    const wrong = await runCodexfs(['--token-file', place.join('wrong'), 'cat', file]);
    assert.is(wrong.exitCode, 7);
    assert.match(wrong.stderr, 'refused the connection: the token is not the one that it wants (HTTP 401)\nhint: ');
    assertShowsNoToken(wrong);
  });

  test('gets a signed one in the same way', async () => {
    await using place = await temporaryDirectory();
    const secret = 'a secret of the two, of 32 bytes or more';
    await writeFile(place.join('secret'), secret, { mode: 0o600 });
    await writeFile(place.join('signed'), signedToken(secret), { mode: 0o600 });
    await writeFile(place.join('forged'), signedToken(`not ${secret}`), { mode: 0o600 });
    await writeFile(place.join('a'), 'guarded');
    await using server = await startCodexExecServer({
      listen: 'ws',
      args: ['--ws-auth', 'signed-bearer-token', '--ws-shared-secret-file', place.join('secret')],
    });
    const file = `${server.remote}${place.join('a')}`;
    const { exitCode, stdout } = await runCodexfs(['--token-file', place.join('signed'), 'cat', file]);
    assert.equal([exitCode, `${stdout}`], [0, 'guarded']);
    assert.is((await runCodexfs(['--token-file', place.join('forged'), 'cat', file])).exitCode, 7);
  });

  test('leaves no trace of it in messages and traces, and children do not see it', async () => {
    await using place = await temporaryDirectory();
    await using server = await guardedServer(place);
    const words = ['-v', '--token-file', place.join('token'), 'cat', `${server.remote}${place.join('a')}`];
    const traced = await runCodexfs(words, { env: { CODEXFS_DEBUG: 'all' } });
    assert.is(traced.exitCode, 0);
    assert.match(traced.stderr, 'initialize');
    assertShowsNoToken(traced);
    const echo = `exec:${process.execPath} -e 'fs.writeFileSync("${place.join('seen')}", JSON.stringify([process.env, process.argv]))'`;
    await runCodexfs([`--remote=box=${echo}`, '--token-file', place.join('token'), 'ls', 'box:'], {
      env: { [tokenVariable]: token },
    });
    assert.not.match(await readFile(place.join('seen'), 'utf8'), /R1ght/);
  });
});

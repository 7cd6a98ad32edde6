// wss:// to a real exec-server behind a TLS proxy: the certificate is checked as usual, and the message says what is wrong with it.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { opensslMissing, tlsProxy } from '../helpers/tlsProxy.js';

const needsOpenssl = { timeoutMs: 60_000, skip: opensslMissing };
const ls = (url: string, env: Record<string, string> = {}) => runCodexfs(['ls', `${url}/`], { env });

function assertRefused({ exitCode, stdout, stderr }: RunResult, ...lines: string[]): void {
  assert.equal([exitCode, stdout.toString('utf8'), stderr.trimEnd().split('\n')], [7, '', lines]);
}

describe('wss://', (test) => {
  test(
    'carries files and a token where the authority is trusted',
    async () => {
      await using place = await temporaryDirectory();
      await writeFile(place.join('token'), 'the-token\n', { mode: 0o600 });
      await writeFile(place.join('a'), contentOf(3_000_000));
      const args = ['--ws-auth', 'capability-token', '--ws-token-file', place.join('token')];
      await using server = await startCodexExecServer({ listen: 'ws', args });
      await using proxy = await tlsProxy({ target: server.remote });
      const env = { NODE_EXTRA_CA_CERTS: proxy.authorityFile };
      const words = ['--token-file', place.join('token'), 'cp', `${proxy.url}${place.join('a')}`, place.join('b')];
      const { exitCode, stderr } = await runCodexfs(words, { env });
      assert.equal([exitCode, stderr], [0, '']);
      assert.ok((await readFile(place.join('b'))).equals(contentOf(3_000_000)));
    },
    needsOpenssl,
  );

  test(
    'is refused where the authority is unknown, and the way out is named',
    async () => {
      await using server = await startCodexExecServer({ listen: 'ws' });
      await using proxy = await tlsProxy({ target: server.remote });
      assertRefused(
        await ls(proxy.url),
        `codexfs: ls: cannot trust ${proxy.url}: its certificate is from an unknown authority`,
        'hint: NODE_EXTRA_CA_CERTS=FILE makes the authority in FILE a trusted one, if it is yours',
      );
    },
    needsOpenssl,
  );

  test(
    'is refused where the certificate is for another name, or has expired',
    async () => {
      await using server = await startCodexExecServer({ listen: 'ws' });
      await using proxy = await tlsProxy({ target: server.remote });
      const env = { NODE_EXTRA_CA_CERTS: proxy.authorityFile };
      const { urlOfOtherName } = proxy;
      assertRefused(
        await ls(urlOfOtherName, env),
        `codexfs: ls: cannot trust ${urlOfOtherName}: its certificate is for another name`,
      );
      await using old = await tlsProxy({ target: server.remote, days: 0 });
      assertRefused(
        await ls(old.url, { NODE_EXTRA_CA_CERTS: old.authorityFile }),
        `codexfs: ls: cannot trust ${old.url}: its certificate has expired`,
      );
    },
    needsOpenssl,
  );

  test('says where there is no TLS', async () => {
    await using server = await startCodexExecServer({ listen: 'ws' });
    const url = server.remote.replace('ws:', 'wss:');
    assertRefused(await ls(url), `codexfs: ls: cannot connect to ${url}: what answers there does not speak TLS`);
  });
});

// A remote that is reached through ssh, as people reach their machines: a real sshd on the loopback, and a real exec-server behind it.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { codexHome, codexProgram } from '../helpers/servers.js';
import { hasSshd, type Sshd, startSshd } from '../helpers/startSshd.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';

describe('a remote through ssh', (test) => {
  const needsSshd = { timeoutMs: 120_000, skip: hasSshd() ? undefined : 'there is no sshd (openssh-server)' };

  /** `--remote box=exec:ssh … codex exec-server --listen stdio` */
  async function remoteOf(sshd: Sshd, home: string): Promise<string> {
    const server = ['env', `CODEX_HOME=${home}`, await codexProgram(), 'exec-server', '--listen', 'stdio'];
    return `box=exec:ssh -F ${await sshd.configuration(sshd.port)} near ${server.join(' ')}`;
  }

  test(
    'brings a tree up and down again, byte by byte',
    async () => {
      await using place = await temporaryDirectory();
      await using home = await codexHome();
      await using sshd = await startSshd(place.path);
      const remote = await remoteOf(sshd, home.path);
      const big = contentOf(5_000_000).toString('latin1');
      await makeTree(place.join('tree'), { 'a file': 'A', 'd/größe': 'ü', 'd/e/big': big, 'd/empty': '', 'none/': '' });
      const run = (from: string, to: string) => runCodexfs(['--remote', remote, 'cp', '-r', from, to]);
      const up = await run(place.join('tree'), `box:${place.join('far')}`);
      assert.equal([up.exitCode, up.stderr], [0, '']);
      const down = await run(`box:${place.join('far')}`, place.join('back'));
      assert.equal([down.exitCode, down.stderr], [0, '']);
      assert.ok(JSON.stringify(await treeOf(place.join('back'))) === JSON.stringify(await treeOf(place.join('tree'))));
    },
    needsSshd,
  );

  test(
    'that does not let us in, or has no codex, is told in the words of ssh',
    async () => {
      await using place = await temporaryDirectory();
      await using sshd = await startSshd(place.path);
      const config = await sshd.configuration(sshd.port);
      const none = await runCodexfs([`--remote=box=exec:ssh -F ${config} near no-such-codex`, 'ls', 'box:']);
      assert.is(none.exitCode, 7);
      assert.match(none.stderr, /exited with status 127, saying: .*no-such-codex/);
      const strange = (await readFile(config, 'utf8')).replace(/IdentityFile .*/, `IdentityFile ${place.join('none')}`);
      await writeFile(place.join('strange'), strange);
      const refused = await runCodexfs([`--remote=box=exec:ssh -F ${place.join('strange')} near codex`, 'ls', 'box:']);
      assert.is(refused.exitCode, 7);
      assert.match(refused.stderr, /exited with status 255, saying: .*Permission denied/);
    },
    needsSshd,
  );
});

// Completion in real shells: a line is typed, with the key that completes in it, and what the shell then calls is looked at.

import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import * as assert from 'uvu/assert';
import { type Shell, shells } from '../../src/cli/completion/shells.js';
import { describe } from '../helpers/describe.js';
import { callsTypedIn } from '../helpers/interactiveShell.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree } from '../helpers/treeOf.js';
import { unavailable } from '../helpers/unavailable.js';

/** A folder that is served as `box`, with names of all kinds, seen from a folder with files. */
async function setUp(): Promise<{ place: TemporaryDirectory; server: TestServer } & AsyncDisposable> {
  const place = await temporaryDirectory();
  await makeTree(place.path, {
    'far/logs/today.txt': '',
    'far/logs/.hidden': '',
    'far/with blank/it\'s "here".txt': '',
    'far/colon:name/a=b': '',
    'far/größe.txt': '',
    'here/report.txt': '',
    'here/my notes.txt': '',
    'here/sub/deep.txt': '',
  });
  const server = await startCodexfsServe({ listen: 'ws' });
  await mkdir(place.join('codex'));
  const toml = `default = "box"\n[[environments]]\nid = "box"\nurl = "${server.remote}"\n`;
  await writeFile(place.join('codex', 'environments.toml'), toml, { mode: 0o600 });
  return {
    place,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** What is typed behind `codexfs `, and the words that it comes to. FAR is the served folder. */
const lines: readonly (readonly [title: string, typed: string, words: readonly string[]])[] = [
  ['a command', 'rem\t', ['remotes']],
  ['a word of a command', 'completion f\t', ['completion', 'fish']],
  ['an option and its value', 'cp --progr\tpl\ta b', ['cp', '--progress', 'plain', 'a', 'b']],
  ['a value behind an equals sign', 'cp --progress=pl\ta b', ['cp', '--progress=plain', 'a', 'b']],
  [
    'a remote, a path on it and a local file',
    'cp bo\tFAR/lo\tto\trep\t',
    ['cp', 'box:FAR/logs/today.txt', 'report.txt'],
  ],
  ['a path on the default remote', 'cat :FAR/logs/.h\t', ['cat', ':FAR/logs/.hidden']],
  ['a local directory, then a file in it', 'cp su\tde\t box:', ['cp', 'sub/deep.txt', 'box:']],
  ['a local name with a blank', 'cp my\tbo\t', ['cp', 'my notes.txt', 'box:']],
  [
    'a remote name with a blank, quotes and all',
    'cat box:FAR/wi\tit\t',
    ['cat', 'box:FAR/with blank/it\'s "here".txt'],
  ],
  ['a name that divides words itself', 'cat box:FAR/col\ta\t', ['cat', 'box:FAR/colon:name/a=b']],
  ['a name beyond ASCII', 'cat box:FAR/gr\t', ['cat', 'box:FAR/größe.txt']],
  [
    'a remote that the line defines',
    '--remote two=URL cat tw\tFAR/gr\t',
    ['--remote', 'two=URL', 'cat', 'two:FAR/größe.txt'],
  ],
];

describe('completion', (test) => {
  for (const shell of shells) {
    const skip = unavailable(shell, '-c', 'exit') ?? unavailable('script', '--version');
    test(
      `works in ${shell}`,
      async () => {
        await using set = await setUp();
        const { place, server } = set;
        const real = (text: string) => text.replace('FAR', place.join('far')).replace('URL', server.remote);
        const typed = lines.map(([, line]) => `codexfs ${real(line)}`);
        const env = { CODEX_HOME: place.join('codex') };
        const calls = await callsTypedIn(shell, typed, { cwd: place.join('here'), env });
        assert.equal(
          calls.map((words, at) => ({ finds: lines[at]?.[0], words })),
          lines.map(([finds, , words]) => ({ finds, words: words.map(real) })),
        );
      },
      { timeoutMs: 120_000, skip },
    );
  }
});

const complete = (words: readonly string[], env: Record<string, string> = {}, shell: Shell = 'zsh') =>
  runCodexfs(['__complete', shell, '--', ...words], { env });

describe('what a shell is told', (test) => {
  test('is every command, and every option of one, without a network', async () => {
    const commands = (await complete([''])).stdout.toString('utf8').split(' \n');
    for (const name of ['cp', 'cat', 'stat', 'ls', 'remotes', 'serve', 'completion', 'help'])
      assert.ok(commands.includes(name));
    assert.not(commands.includes('__complete'));
    // Nobody is at that address.
    const options = await complete(['--remote', 'box=ws://192.0.2.1:9', 'ls', 'box:', '--']);
    const flags = options.stdout.toString('utf8').split(' \n');
    for (const flag of ['--long', '--token-file', '--help']) assert.ok(flags.includes(flag), flag);
  });

  test('is nothing, quietly, where a server never answers, nobody is there, or a file is broken', async () => {
    await using place = await temporaryDirectory();
    const deaf = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => deaf.once('listening', resolve));
    const { port } = deaf.address() as AddressInfo;
    await writeFile(place.join('environments.toml'), 'this is not TOML');
    const runs = [
      await complete(['--remote', `box=ws://127.0.0.1:${port}`, 'ls', 'box:/']),
      await complete(['--remote', 'box=exec:sleep 1000', 'ls', 'box:/']),
      await complete(['--remote', 'box=ws://127.0.0.1:1', 'ls', 'box:/']),
      await complete(['ls', 'nobody:/']),
      await complete(['ls', '/no/such/folder/']),
      await complete(['ls', 'bo'], { CODEX_HOME: place.path }),
    ];
    deaf.close();
    for (const { exitCode, stdout, stderr } of runs) assert.equal([exitCode, `${stdout}`, stderr], [0, '', '']);
  });

  test('is one of three scripts, and wrong use for any other shell', async () => {
    for (const shell of shells)
      assert.match((await runCodexfs(['completion', shell])).stdout.toString('utf8'), '__complete');
    const { exitCode, stderr } = await runCodexfs(['completion', 'csh']);
    assert.equal(
      [exitCode, stderr],
      [2, 'codexfs: completion: there is no completion for `csh`\nhint: one of bash, zsh, fish\n'],
    );
  });
});

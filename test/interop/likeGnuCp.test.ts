// Command lines of cp, given to GNU cp and to codexfs, up and down: what stands at the destination afterwards is the same.

import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { runInProcess } from '../helpers/runInProcess.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, snapshotOf, treeOf } from '../helpers/treeOf.js';

/** Sources below `s`, and destinations below `d` in several states. */
const place = {
  's/f': 'F',
  's/g': 'G',
  's/.hidden': 'H',
  's/dir/a': 'A',
  's/dir/sub/b': 'B',
  's/dir/empty/': '',
  's/other/a': 'other A',
  's/other/sub/c': 'C',
  's/one/dir/x': 'X',
  's/empty/': '',
  'd/file': 'old',
  'd/empty/': '',
  'd/has/dir/a': 'old A',
  'd/has/dir/kept': 'kept',
  'd/has/f': 'a longer old F',
  'd/blocked/dir': 'a file in the way',
  'd/blocked/f/': '',
};

/** Words that begin with `s/` are sources, with `d/` the destination. */
const lines = [
  's/f d/new',
  's/f d/file',
  's/f d/empty',
  's/f d/empty/',
  's/f d/empty/.',
  's/f d/empty/new',
  's/f d/has',
  's/f d/blocked',
  's/f d/missing/new',
  's/f d/file/new',
  's/missing d/new',
  's/dir d/new',
  's/.hidden d/empty',
  's/f s/g d/empty',
  's/f s/g d/file',
  's/f s/g d/missing',
  's/f s/missing s/g d/empty',
  's/f s/dir d/empty',
  '-t d/empty s/f s/g',
  '-t d/missing s/f',
  '-T s/f d/new',
  '-T s/f d/empty',
  '-T s/f d/file',
  '-r s/f d/new',
  '-r s/dir d/new',
  '-r s/dir d/new/',
  '-r s/dir/ d/new',
  '-r s/dir/. d/new',
  '-r s/dir d/empty',
  '-r s/dir/ d/empty',
  '-r s/dir/. d/empty',
  '-r s/dir/sub/.. d/empty',
  '-r s/dir d/has',
  '-r s/dir/. d/has',
  '-r s/dir/. d/has/dir',
  '-r s/dir d/blocked',
  '-r s/dir d/file',
  '-r s/dir d/missing/new',
  '-r s/empty d/new',
  '-r s/empty d/empty',
  '-r s/dir s/other d/empty',
  '-r s/dir s/f s/other d/has',
  '-r s/dir s/one/dir d/empty',
  '-r s/dir/. s/one/dir/. d/empty',
  '-r s/dir s/other d/missing',
  '-r s/dir s/missing d/empty',
  '-R s/dir d/new',
  '-rT s/dir d/new',
  '-rT s/dir d/empty',
  '-rT s/dir d/has/dir',
  '-rT s/dir d/file',
  '-rT s/dir d/missing/new',
  '-rt d/empty s/dir s/f',
  '-rt d/file s/dir',
  '-r s/linked d/new',
  '-r s/link d/new',
  '-r s/link/ d/empty',
  '-r s/loop d/new',
];

/**
 * Only upward: the names above the sources are those of another place when they are on a server, and a released server does
 * not list links that lead nowhere.
 */
const upwardLines = [
  '-r s/dangling d/new',
  '--parents s/dir/sub/b d/empty',
  '--parents s/f s/dir/a d/has',
  '--parents s/f d/missing',
  '--parents -r s/dir d/empty',
  '--parents -r s/./dir/sub d/empty',
];

async function makePlace(): Promise<TemporaryDirectory> {
  const root = await temporaryDirectory();
  await makeTree(root.path, place);
  await makeTree(root.path, { 's/linked/': '', 's/dangling/ok': 'O', 's/loop/ok': 'O' });
  await symlink('../f', root.join('s', 'linked', 'file'));
  await symlink('../dir', root.join('s', 'linked', 'directory'));
  await symlink('dir', root.join('s', 'link'));
  await symlink('nowhere', root.join('s', 'dangling', 'link'));
  await symlink('..', root.join('s', 'loop', 'up'));
  return root;
}

type Outcome = { readonly isGood: boolean; readonly tree: Record<string, string>; readonly said?: string };

async function byGnu(line: string): Promise<Outcome> {
  await using root = await makePlace();
  // Links in a tree are followed by codexfs.
  const words = line.split(' ').map((word) => (/^-[rR]/.test(word) ? word.replace(/[rR]/, 'rL') : word));
  const isGood = await promisify(execFile)('cp', words, { cwd: root.path }).then(
    () => true,
    () => false,
  );
  return { isGood, tree: await treeOf(root.join('d')) };
}

async function byCodexfs(line: string, remotePrefix: 's/' | 'd/', server: TestServer): Promise<Outcome> {
  await using root = await makePlace();
  process.chdir(root.path);
  const words = line.split(' ').map((word) => (word.startsWith(remotePrefix) ? `box:${root.path}/${word}` : word));
  const cp = (...options: readonly string[]) =>
    runInProcess(['--remote', `box=${server.remote}`, 'cp', ...options, ...words]);
  const before = await snapshotOf(root.path);
  const dry = await cp('--dry-run');
  assert.equal(await snapshotOf(root.path), before, `${line} --dry-run touches nothing`);
  const { status, stderr } = await cp();
  process.chdir('/');
  assert.not.match(stderr, /^ +at |\r/m);
  assert.is(dry.status, status, `${line} --dry-run foresees the status: ${dry.stderr}, and then: ${stderr}`);
  return { isGood: status === 0, tree: await treeOf(root.join('d')), said: stderr };
}

function checkLine(line: string, gnu: Outcome, ours: Outcome): void {
  const facts = ({ isGood, tree }: Outcome) => ({ line, isGood, tree });
  assert.equal(facts(ours), facts(gnu), `${line}: ${ours.said}`);
}

const servers = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve': () => startCodexfsServe({ listen: 'ws' }),
};

describe('codexfs cp, beside GNU cp', (test) => {
  for (const [name, start] of Object.entries(servers)) {
    test(
      `does the same with ${lines.length * 2 + upwardLines.length} command lines, ${name}`,
      async () => {
        await using server = await start();
        for (const line of [...lines, ...upwardLines]) {
          const gnu = await byGnu(line);
          checkLine(line, gnu, await byCodexfs(line, 'd/', server));
          if (!upwardLines.includes(line)) checkLine(line, gnu, await byCodexfs(line, 's/', server));
        }
      },
      { timeoutMs: 120_000 },
    );
  }
});

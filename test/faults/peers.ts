// `npm run faults:peers`: the same faults to rsync, rclone, scp, cp and codexfs, side by side. Prints a table for docs/FAULTS.md;
// `--write` puts it there. "Remote" is this machine: sftp-server and rsync without ssh in between, and `codexfs serve`.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf } from '../helpers/content.js';
import { repositoryRoot } from '../helpers/repository.js';
import { codexfsProgram, startCodexfsServe } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { asNobody } from '../helpers/unavailable.js';
import { smallDisk } from './SmallDisk.js';

/** A program, as words: of one file, slow enough to be met half-way, and of a tree. */
interface Peer {
  readonly name: string;
  file(from: string, to: string): readonly string[];
  slowly(from: string, to: string): readonly string[] | undefined;
  tree(from: string, to: string): readonly string[];
  /** A tree with its links followed, where that has to be asked for. */
  readonly following: readonly string[];
}

interface Scene {
  readonly folder: TemporaryDirectory;
  readonly peer: Peer;
}

const old = contentOf(500_000, 9);
const sizeBytes = 30_000_000;

const fakeSsh = `#!/bin/sh
subsystem=
while [ $# -gt 0 ]; do case "$1" in
  -s) subsystem=1; shift;; -l|-p|-o|-i) shift 2;; -*) shift;; *) break;;
esac; done
shift
[ -n "$subsystem" ] && exec /usr/lib/openssh/sftp-server
exec sh -c "$*"
`;

await using server = await startCodexfsServe({ listen: 'ws' });
await using tools = await temporaryDirectory();
const ssh = tools.join('ssh');
await writeFile(ssh, fakeSsh, { mode: 0o755 });
await chmod(tools.path, 0o755);

const ownServer = `${process.execPath} ${codexfsProgram} serve --listen stdio`;
const codexfs = [process.execPath, codexfsProgram, '--remote', `box=${server.remote}`, 'cp'];
const peers: readonly Peer[] = [
  {
    name: 'rsync',
    file: (from, to) => ['rsync', '-e', ssh, `h:${from}`, to],
    slowly: (from, to) => ['rsync', '-e', ssh, '--bwlimit=15000', `h:${from}`, to],
    tree: (from, to) => ['rsync', '-r', '-e', ssh, `h:${from}/`, to],
    following: ['-L'],
  },
  {
    name: 'rclone',
    file: (from, to) => ['rclone', 'copyto', from, to],
    slowly: (from, to) => ['rclone', 'copyto', '--bwlimit', '15M', from, to],
    tree: (from, to) => ['rclone', 'copy', from, to],
    following: ['-L'],
  },
  {
    name: 'scp',
    file: (from, to) => ['scp', '-S', ssh, `h:${from}`, to],
    slowly: (from, to) => ['scp', '-S', ssh, '-l', '120000', `h:${from}`, to],
    tree: (from, to) => ['scp', '-r', '-S', ssh, `h:${from}`, to],
    following: [],
  },
  {
    name: 'cp',
    file: (from, to) => ['cp', from, to],
    slowly: () => undefined,
    tree: (from, to) => ['cp', '-r', from, to],
    following: ['-L'],
  },
  {
    name: 'codexfs',
    file: (from, to) => [...codexfs, `box:${from}`, to],
    slowly: (from, to) => [...codexfs, '--bwlimit', '15M', `box:${from}`, to],
    // With a server of its own, which may do what its user may.
    tree: (from, to) => [...codexfs, '--remote', `own=exec:${ownServer}`, '-r', '-T', `own:${from}`, to],
    following: [],
  },
];

/** What happens while a slow copy is under way. */
function amid(strike: (child: ChildProcess, from: string) => unknown): (scene: Scene) => Promise<string> {
  return async ({ folder, peer }) => {
    const [from, to] = [folder.join('from'), folder.join('to')];
    await writeFile(from, contentOf(sizeBytes));
    await writeFile(to, old);
    const words = peer.slowly(from, to);
    if (words === undefined) return '-';
    const ended = start(words);
    await begun(folder.path);
    await strike(ended.child, from);
    return outcome(await ended.over, from, to);
  };
}

/** Waits until the copy has begun to write, and a little longer. */
async function begun(folder: string): Promise<void> {
  const isBegun = async () => {
    const names = await readdir(folder);
    const { size } = await stat(join(folder, 'to'));
    return names.length > 2 || size !== old.length;
  };
  while (!(await isBegun())) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 400));
}

/** A tree of three files with something in it. */
function treeWith(prepare: (root: string) => Promise<unknown>, wrapper: readonly string[] = [], isFollowing = false) {
  return async ({ folder, peer }: Scene): Promise<string> => {
    const [from, to] = [folder.join('tree'), folder.join('copy')];
    await mkdir(from);
    for (const name of ['a', 'b', 'c']) await writeFile(join(from, name), name);
    await prepare(from);
    await chmod(folder.path, 0o777);
    if (wrapper.length > 0) await run(['chown', '-R', '65534:65534', folder.path]);
    const words = [...wrapper, ...peer.tree(from, to), ...(isFollowing ? peer.following : [])];
    const ended = await start(['env', `HOME=${folder.path}`, 'timeout', '-s', 'KILL', '20', ...words]).over;
    const copied = await readdir(to, { recursive: true }).catch(() => []);
    return `${ended.exit}, ${copied.length} entries${said(ended.stderr)}`;
  };
}

const faults: Readonly<Record<string, (scene: Scene) => Promise<string>>> = {
  'disk full (6 MB onto 2 MB)': async ({ folder, peer }) => {
    await using disk = await smallDisk('size=2m');
    await writeFile(folder.join('from'), contentOf(6_000_000));
    const words = [...disk.wrapper, ...peer.file(folder.join('from'), `${disk.mountedAt}/to`)];
    return await outcome(await start(words).over, folder.join('from'), `${disk.path}/to`);
  },
  'RLIMIT_FSIZE of 1 MiB': async ({ folder, peer }) => {
    const [from, to] = [folder.join('from'), folder.join('to')];
    await writeFile(from, contentOf(6_000_000));
    return outcome(await start(['prlimit', '--fsize=1048576', ...peer.file(from, to)]).over, from, to);
  },
  SIGINT: amid((child) => child.kill('SIGINT')),
  SIGTERM: amid((child) => child.kill('SIGTERM')),
  SIGHUP: amid((child) => child.kill('SIGHUP')),
  'source shrinks': amid((_, from) => truncate(from, 1_000_000)),
  'source grows': amid((_, from) => appendFile(from, contentOf(1_000_000, 4))),
  'unreadable file in a tree': treeWith((root) => chmod(join(root, 'b'), 0), asNobody),
  'FIFO in a tree': treeWith((root) => run(['mkfifo', join(root, 'fifo')])),
  'loop of links, followed': treeWith((root) => symlink('.', join(root, 'loop')), [], true),
};

const lines = [row(['fault', ...peers.map(({ name }) => name)]), row(['---', ...peers.map(() => '---')])];
for (const [fault, strike] of Object.entries(faults)) {
  const cells: string[] = [];
  for (const peer of peers) {
    await using folder = await temporaryDirectory();
    cells.push(await strike({ folder, peer }));
    await rm(folder.path, { recursive: true, force: true });
  }
  lines.push(row([fault, ...cells]));
  console.log(lines.at(-1));
}
const table = lines.join('\n');
if (process.argv.includes('--write')) await putIntoDocument(table);

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

interface Ended {
  readonly exit: string;
  readonly stderr: string;
}

function start([program = '', ...args]: readonly string[]): {
  readonly child: ChildProcess;
  readonly over: Promise<Ended>;
} {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const over = once(child, 'close').then(([status, signal]) => ({ exit: String(signal ?? `exit ${status}`), stderr }));
  return { child, over };
}

async function run(words: readonly string[]): Promise<void> {
  await start(words).over;
}

/** How it ended, what the destination holds then, and whether anything was said. */
async function outcome({ exit, stderr }: Ended, from: string, to: string): Promise<string> {
  const held = await readFile(to).catch(() => undefined);
  const source = await readFile(from);
  const [, bytes] = /partial: .* \((\d+)/.exec(stderr) ?? [];
  const state =
    held === undefined
      ? 'nothing left'
      : held.equals(source)
        ? 'complete'
        : held.equals(old)
          ? 'old content intact'
          : `${held.length} bytes left${bytes === String(held.length) ? ', and told' : ''}`;
  return `${exit}, ${state}${said(stderr)}`;
}

function said(stderr: string): string {
  return stderr.trim() === '' ? ', **no message**' : '';
}

async function putIntoDocument(text: string): Promise<void> {
  const path = join(repositoryRoot, 'docs/FAULTS.md');
  const document = await readFile(path, 'utf8');
  const marked = /(<!-- peers -->\n)[\s\S]*?(\n<!-- end of peers -->)/;
  if (!marked.test(document)) throw new Error(`there is no place for the table in ${path}`);
  await writeFile(
    path,
    document.replace(marked, (_, begin, end) => `${begin}\n${text}\n${end}`),
  );
}

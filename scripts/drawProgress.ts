// Makes docs/progress.svg of a real run in a real terminal (tmux): a tree on its way to a server, in the middle of it.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { terminalPicture } from './terminalPicture.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const columns = 88;
const title = 'codexfs cp in a terminal: a line for the whole copy, and one for each file under way';
const session = `codexfs-picture-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'codexfs-picture-'));
const tmux = (...words: string[]) => execFileSync('tmux', words, { encoding: 'utf8' });

try {
  prepare();
  const server = spawn(process.execPath, [join(root, 'bin/codexfs.js'), 'serve'], { cwd: join(folder, 'box') });
  const [url] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string];
  tmux(
    'new-session',
    '-d',
    '-s',
    session,
    '-x',
    String(columns),
    '-y',
    '16',
    '-c',
    folder,
    'env',
    'PS1=$ ',
    'bash',
    '--norc',
  );
  type(`export PATH=${folder}/bin:$PATH CODEX_EXEC_SERVER_URL=${url.trim()}; clear`);
  await sleep(1_000);
  type('codexfs cp -r --bwlimit 24M dataset :w/');
  await sleep(4_500);
  const screen = tmux('capture-pane', '-p', '-e', '-t', session);
  writeFileSync(join(root, 'docs/progress.svg'), terminalPicture(screen, columns, title));
  process.stdout.write(screen);
  server.kill();
} finally {
  try {
    tmux('kill-session', '-t', session);
  } catch {
    // It did not come to that.
  }
  rmSync(folder, { recursive: true, force: true });
}

function prepare(): void {
  for (const name of ['bin', 'box', 'dataset']) mkdirSync(join(folder, name));
  symlinkSync(join(root, 'bin/codexfs.js'), join(folder, 'bin/codexfs'));
  const MiB = 1024 * 1024;
  writeFileSync(join(folder, 'dataset/labels.csv'), randomBytes(MiB));
  writeFileSync(join(folder, 'dataset/train-00.bin'), randomBytes(90 * MiB));
  writeFileSync(join(folder, 'dataset/train-01.bin'), randomBytes(64 * MiB));
  writeFileSync(join(folder, 'dataset/validation.bin'), randomBytes(28 * MiB));
  for (let index = 0; index < 40; index++) writeFileSync(join(folder, `dataset/note-${index}.txt`), `note ${index}\n`);
}

function type(line: string): void {
  tmux('send-keys', '-t', session, line, 'Enter');
}

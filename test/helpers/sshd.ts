// A real sshd on the loopback that lets one key in, and the ssh command that uses it. Both are gone when the scope ends.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';
import { temporaryDirectory } from './temporaryDirectory.js';

export interface Sshd extends AsyncDisposable {
  /** `ssh`, its options and the host: the words that stand before a remote command. */
  readonly command: readonly string[];
}

const program = '/usr/sbin/sshd';

/** Why there can be no sshd here, if there cannot. */
export const sshdMissing = existsSync(program) ? undefined : `${program} is not here (openssh-server)`;

export async function startSshd(): Promise<Sshd> {
  const folder = await temporaryDirectory();
  const port = await freePort();
  for (const name of ['host', 'user']) {
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', folder.join(name)]);
  }
  await writeFile(folder.join('known'), `[127.0.0.1]:${port} ${await readFile(folder.join('host.pub'), 'utf8')}`);
  await writeFile(folder.join('sshd_config'), configOf(folder.path));
  // sshd wants it when it is started by root, and its package leaves it to the boot scripts.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(program, ['-D', '-e', '-f', folder.join('sshd_config'), '-p', `${port}`], { stdio: 'ignore' });
  const ended = once(child, 'close');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await eventually(() => isListening(port));
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${folder.join('known')}`];
  return {
    command: [
      ...[
        'ssh',
        '-F',
        'none',
        '-i',
        folder.join('user'),
        '-p',
        `${port}`,
        ...options.flatMap((option) => ['-o', option]),
      ],
      `${userInfo().username}@127.0.0.1`,
    ],
    async [Symbol.asyncDispose]() {
      kill();
      process.off('exit', kill);
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}

function configOf(folder: string): string {
  return `ListenAddress 127.0.0.1
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
AuthenticationMethods publickey
PidFile none
StrictModes no
UsePAM no
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isThere = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isThere;
}

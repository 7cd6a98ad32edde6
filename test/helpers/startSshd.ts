// An sshd for one run: on a free loopback port, with keys that are thrown away, for the user who runs this only.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = '/usr/sbin/sshd';
/** Where sshd's unprivileged half lives; it does not start without. */
const privilegeSeparation = '/run/sshd';
const startMs = 5_000;

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** A configuration for `ssh -F` in which `near` is this server, and `far` the same behind `farPort`. */
  configuration(farPort: number): Promise<string>;
}

/** Whether sshd and its clients are installed. */
export function hasSshd(): boolean {
  return existsSync(program) && existsSync('/usr/bin/scp');
}

/** Starts it; its files go below `directory`. */
export async function startSshd(directory: string): Promise<Sshd> {
  const place = join(directory, 'ssh');
  await mkdir(place, { mode: 0o700 });
  if (userInfo().uid === 0) await mkdir(privilegeSeparation, { recursive: true });
  const [hostKey, userKey] = [join(place, 'host'), join(place, 'user')];
  for (const key of [hostKey, userKey]) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const port = await freePort();
  const settings = join(place, 'sshd_config');
  await writeFile(settings, serverSettings(port, hostKey, userKey));
  const child = spawn(program, ['-D', '-e', '-f', settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const stop = async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'close');
  };
  if (!(await answers(port))) {
    await stop();
    throw new Error(`sshd did not start: ${said}`);
  }
  return {
    port,
    configuration: async (farPort) => {
      const knownHosts = join(place, 'known_hosts');
      const [type, key] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ');
      await writeFile(knownHosts, `codexfs-bench ${type} ${key}\n`);
      const path = join(place, 'ssh_config');
      await writeFile(path, clientSettings({ near: port, far: farPort }, userKey, knownHosts));
      return path;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function serverSettings(port: number, hostKey: string, userKey: string): string {
  return [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${userKey}.pub`,
    `AllowUsers ${userInfo().username}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

/** Everything else is as a user has it: ciphers, compression and buffers by default. */
function clientSettings(ports: Record<string, number>, userKey: string, knownHosts: string): string {
  const hosts = Object.entries(ports).map(([name, port]) => `Host ${name}\n  Port ${port}\n`);
  return `${hosts.join('')}Host *
  HostName 127.0.0.1
  User ${userInfo().username}
  HostKeyAlias codexfs-bench
  IdentityFile ${userKey}
  IdentitiesOnly yes
  UserKnownHostsFile ${knownHosts}
  BatchMode yes
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  for (const until = performance.now() + startMs; performance.now() < until; await sleep(50)) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return true;
  }
  return false;
}

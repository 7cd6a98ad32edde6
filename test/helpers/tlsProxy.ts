// TLS in front of a ws:// server, with a certificate of a throw-away authority. openssl makes the certificates.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { temporaryDirectory } from './temporaryDirectory.js';
import { unavailable } from './unavailable.js';

export interface TlsProxy extends AsyncDisposable {
  /** Where it listens, under the name that its certificate is for. */
  readonly url: string;
  /** The same place under another name. */
  readonly urlOfOtherName: string;
  /** The file of the authority's certificate. */
  readonly authorityFile: string;
}

export interface TlsProxyOptions {
  /** The `ws://` URL of the server behind. */
  readonly target: string;
  /** Days that the certificate is good for; 0: it expired as it was made. One unless given. */
  readonly days?: number;
}

export const opensslMissing = unavailable('openssl', 'version');

export async function tlsProxy({ target, days = 1 }: TlsProxyOptions): Promise<TlsProxy> {
  const folder = await temporaryDirectory();
  const { key, cert, authorityFile } = await makeCertificate(folder.path, days);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const server = createServer({ key, cert }, (client) => {
    const upstream = connect(Number(new URL(target).port), new URL(target).hostname);
    for (const socket of [client, upstream]) keep(socket);
    client.pipe(upstream).pipe(client);
  });
  server.on('connection', keep).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `wss://localhost:${port}`,
    urlOfOtherName: `wss://127.0.0.1:${port}`,
    authorityFile,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function makeCertificate(cwd: string, days: number) {
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '1',
    '-subj',
    '/CN=throw-away',
  );
  await openssl('req', ...newKey, '-keyout', 'key', '-out', 'request', '-subj', '/CN=localhost');
  await writeFile(`${cwd}/names`, 'subjectAltName=DNS:localhost');
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  await openssl(
    'x509',
    '-req',
    '-in',
    'request',
    ...authority,
    '-days',
    `${days}`,
    '-extfile',
    'names',
    '-out',
    'cert',
  );
  const [key, cert] = await Promise.all([readFile(`${cwd}/key`), readFile(`${cwd}/cert`)]);
  return { key, cert, authorityFile: `${cwd}/ca.pem` };
}

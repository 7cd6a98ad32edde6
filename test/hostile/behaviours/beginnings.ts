// Servers that misbehave before anything is copied: at connecting, upgrading and shaking hands.

import type { Socket } from 'node:net';
import { helloOfExecServer } from '../../helpers/evilServer.js';
import { type Behaviour, pour } from './Behaviour.js';

const cannotConnect = [7];

function answering(text: string): (socket: Socket) => void {
  return (socket) => void socket.once('data', () => socket.write(text));
}

const upgradeWith = (key: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`;

/** What `initialize` is answered instead of a greeting. */
const greetings: Record<string, unknown> = {
  null: null,
  'a text': 'hello',
  'a number': 7,
  'a list': [],
  'a version that is an object': { environmentInfo: { executorVersion: {} } },
  'capabilities that are a list of lists': { environmentInfo: { capabilities: [[[]]] } },
  'a home that is no URI': { environmentInfo: { ...helloOfExecServer.environmentInfo, cwd: 7 } },
};

export const beginnings: readonly Behaviour[] = [
  { title: 'takes the connection and says nothing', converse: () => {}, statuses: cannotConnect },
  {
    title: 'trickles the headers of its answer, a byte at a time',
    converse: (socket) => {
      let at = 0;
      const timer = setInterval(() => socket.write('HTTP/1.1 101 Switching Protocols\r\nX: '.charAt(at++) || 'x'), 100);
      socket.once('close', () => clearInterval(timer));
    },
    statuses: cannotConnect,
  },
  {
    title: 'answers with headers without end',
    converse: (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      pour(() => !socket.destroyed && socket.write(`X-Filler: ${'x'.repeat(1_000)}\r\n`));
    },
    statuses: cannotConnect,
  },
  ...['301 Moved Permanently', '302 Found', '307 Temporary Redirect', '308 Permanent Redirect'].map((status) => ({
    title: `redirects with ${status}`,
    converse: answering(`HTTP/1.1 ${status}\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n`),
    statuses: cannotConnect,
  })),
  ...['401 Unauthorized', '403 Forbidden', '407 Proxy Authentication Required', '426 Upgrade Required', '200 OK'].map(
    (status) => ({
      title: `answers ${status}`,
      converse: answering(`HTTP/1.1 ${status}\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n`),
      statuses: cannotConnect,
    }),
  ),
  {
    title: 'answers 200 with a body without end',
    converse: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      pour(() => !socket.destroyed && socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`));
    },
    statuses: cannotConnect,
  },
  { title: 'accepts with a wrong key', converse: answering(upgradeWith('d3Jvbmc=')), statuses: cannotConnect },
  {
    title: 'greets in another protocol',
    converse: (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
    statuses: cannotConnect,
  },
  { title: 'never answers the handshake', script: () => ({ initialize: () => undefined }), statuses: cannotConnect },
  {
    title: 'answers the handshake with an error full of escapes',
    script: () => ({
      initialize: ({ id }, peer) => {
        peer.send({ id, error: { code: -32603, message: '\x1b[2J\x07'.repeat(10_000) } });
        return undefined;
      },
    }),
    statuses: cannotConnect,
  },
  ...Object.entries(greetings).map(([title, result]) => ({
    title: `greets with ${title}`,
    script: () => ({
      initialize: ({ id }: { id: number }, peer: { send(frame: object): void }) => {
        peer.send({ id, result });
        return undefined;
      },
    }),
    // A greeting may say nothing: a list has none of the members that may be missing.
    statuses: ['a list', 'capabilities that are a list of lists'].includes(title) ? [0] : cannotConnect,
  })),
];

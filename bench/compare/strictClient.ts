// The obvious client, as a baseline: one request of 256 KiB at a time, JSON.parse for what comes and JSON.stringify for what goes.
// `node strictClient.js down|up URL FROM TO` copies one file. It checks nothing, and is not an example.

import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';

const chunkBytes = 256 * 1024;
const [direction = '', url = '', from = '', to = ''] = process.argv.slice(2);

const socket = new WebSocket(url, { perMessageDeflate: false });
await once(socket, 'open');
let nextId = 1;

interface Answer {
  readonly chunk: string;
  readonly eof: boolean;
}

async function request(method: string, params: object): Promise<Answer> {
  const id = nextId++;
  socket.send(JSON.stringify({ id, method, params }));
  for (;;) {
    const [data] = (await once(socket, 'message')) as [Buffer];
    const message = JSON.parse(data.toString('utf8')) as { id?: number; result?: Answer; error?: object };
    if (message.id !== id) continue;
    if (message.result === undefined) throw new Error(JSON.stringify(message.error));
    return message.result;
  }
}

await request('initialize', { clientName: 'strict' });
socket.send(JSON.stringify({ method: 'initialized' }));
const handleId = 'h';
if (direction === 'down') {
  await request('fs/open', { handleId, path: pathToFileURL(from).href });
  await using file = await open(to, 'w');
  for (let offset = 0, eof = false; !eof; ) {
    const answer = await request('fs/readBlock', { handleId, offset, len: chunkBytes });
    const bytes = Buffer.from(answer.chunk, 'base64');
    if (bytes.length > 0) await file.write(bytes);
    offset += bytes.length;
    eof = answer.eof;
  }
} else {
  await request('fs/open', { handleId, path: pathToFileURL(to).href, mode: 'replace' });
  await using file = await open(from);
  const buffer = Buffer.alloc(chunkBytes);
  for (let offset = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
    if (bytesRead === 0) break;
    const chunk = buffer.toString('base64', 0, bytesRead);
    await request('fs/writeBlock', { handleId, offset, chunk });
    offset += bytesRead;
  }
}
await request('fs/close', { handleId });
socket.close();

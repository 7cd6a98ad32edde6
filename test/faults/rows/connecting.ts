// F01 to F04, F38, F47, F48 and F60: there is no server, no entry, no exec-server, not enough of one, or no program for one.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { rawServer } from '../../helpers/evilServer.js';
import { startCodexfsServe } from '../../helpers/servers.js';
import { type Direction, type Ground, type Journey, runWords } from '../Ground.js';
import type { Expectation, FileFate } from '../oracle.js';
import type { Row, Tally } from '../Row.js';

/** What stands at the other end, and what is said to reach it. */
interface OtherEnd extends AsyncDisposable {
  readonly remote: string;
  readonly words?: readonly string[];
}

const cannotConnect: Expectation = { statuses: [7] };
const directions: readonly Direction[] = ['up', 'down'];

export function connectingRows(ground: Ground): Row[] {
  const connecting = new Connecting(ground);
  const row = (id: string, fault: string, open: () => Promise<OtherEnd>, expected = cannotConnect): Row[] =>
    directions.map((direction) => ({
      id,
      fault,
      where: direction,
      run: (tally) => connecting.once(tally, direction, open, expected),
    }));
  return [
    ...row('F01', 'nothing listens', async () => at('ws://127.0.0.1:9')),
    ...row('F01', 'no such host', async () => at('ws://nowhere.invalid:1')),
    ...row('F01', 'a web server that says 404', () => webServer(404)),
    ...row('F02', 'no token where one is needed', () => guarded()),
    ...row('F02', 'another host name than is allowed (403)', () => otherHost()),
    ...row('F03', 'a web server that says 200', () => webServer(200)),
    ...row('F03', 'a redirect', () => webServer(302)),
    ...row('F03', 'the banner of ssh', () => raw((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))),
    ...row('F03', 'silence', () => raw(() => {})),
    ...row('F47', 'a program that ends with 3', async () => at('exec:sh -c "echo no >&2; exit 3"'), saying(/status 3/)),
    ...row('F47', 'a program that ends with 0', async () => at('exec:true'), saying(/status 0/)),
    ...row('F47', 'a program that is not there', async () => at('exec:no-such-program'), saying(/no such program/)),
    ...row('F47', 'a program that says something else', async () => at('exec:sh -c "echo Welcome; sleep 9"')),
    ...row('F48', 'a line that never ends', async () => at('exec:sh -c "cat /dev/zero"')),
    ...directions.map((direction) => ({
      id: 'F48',
      fault: 'CR before each LF, a BOM, empty lines',
      where: `${direction} stdio serve`,
      run: (tally: Tally) => connecting.carriageReturns(tally, direction),
    })),
    ...directions.map((direction) => ({
      id: 'F04',
      fault: 'only the buffered methods',
      where: `${direction} ws serve`,
      run: (tally: Tally) => connecting.buffered(tally, { direction, server: 'serve' }),
    })),
    ...directions.map((direction) => ({
      id: 'F60',
      fault: 'without the optional bufferutil',
      where: `${direction} ws serve`,
      run: (tally: Tally) => connecting.withoutBufferutil(tally, direction),
    })),
  ];
}

function saying(says: RegExp): Expectation {
  return { statuses: [7], says };
}

class Connecting {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** A copy to or from `open`, over a destination that exists and must stay what it is. */
  async once(tally: Tally, direction: Direction, open: () => Promise<OtherEnd>, expected: Expectation): Promise<void> {
    await using end = await open();
    const folder = await this.#ground.folder();
    const [source, destination] = [`${folder}/a`, `${folder}/b`];
    await writeFile(source, 'new');
    await writeFile(destination, 'old');
    const [from, to] = direction === 'up' ? [source, `box:${destination}`] : [`box:${source}`, destination];
    const words = ['--remote', `box=${end.remote}`, '--connect-timeout', '500ms', ...(end.words ?? [])];
    const ended = await runWords([...words, 'cp', from, to]);
    const old = Buffer.from('old');
    const fate: FileFate = { shown: to, sources: [Buffer.from('new')], before: old, after: old };
    tally.judge(end.remote, { ...ended, files: [fate] }, expected);
  }

  async carriageReturns(tally: Tally, direction: Direction): Promise<void> {
    const folder = await this.#ground.folder();
    const script = `${folder}/crlf.sh`;
    const server = `"${process.execPath}" bin/codexfs.js serve --listen stdio`;
    await writeFile(script, `printf '\\357\\273\\277\\r\\n\\n'; ${server} | sed -u 's/$/\\r/'`);
    const content = Buffer.alloc(90_000, 'x');
    await writeFile(`${folder}/a`, content);
    const [from, to] = direction === 'up' ? [`${folder}/a`, `box:${folder}/b`] : [`box:${folder}/a`, `${folder}/b`];
    const ended = await runWords(['--remote', `box=exec:sh ${script}`, 'cp', '--chunk', '32K', from, to]);
    tally.check('CRLF', ended.status, [ended.status === 0 ? undefined : ended.stderr]);
  }

  /** What no method can carry fails before the destination is touched. */
  async buffered(tally: Tally, journey: Journey): Promise<void> {
    const args = ['--allow-host', '127.0.0.1', '--dialects', 'buffered'];
    await using server = await startCodexfsServe({ listen: 'ws', args });
    const servers = { from: server, to: server };
    for (const sizeBytes of [0, 1, 90_000, 3_000_000]) {
      tally.judge(`${sizeBytes} bytes`, await this.#ground.copy(journey, { servers, sizeBytes }), { statuses: [0] });
    }
    const sizeBytes = journey.direction === 'up' ? 6_000_000 : 60_000_000;
    const run = await this.#ground.copy(journey, { servers, sizeBytes, hasOld: true });
    tally.judge(`${sizeBytes} bytes`, run, { statuses: [8] });
    if (run.files.some(({ before, after }) => before?.equals(after ?? Buffer.alloc(0)) !== true)) {
      tally.fail('the destination was touched for what could not be done');
    }
  }

  /** Of the client, and of the server that takes the masks off. */
  async withoutBufferutil(tally: Tally, direction: Direction): Promise<void> {
    const env = { WS_NO_BUFFER_UTIL: '1' };
    await using server = await startCodexfsServe({ listen: 'ws', args: ['--allow-host', '127.0.0.1'], env });
    const servers = { from: server, to: server };
    for (const sizeBytes of [1, 90_000, 3_000_001]) {
      const run = await this.#ground.copy({ direction, server: 'serve' }, { real: { env }, servers, sizeBytes });
      tally.judge(`${sizeBytes} bytes`, run, { statuses: [0] });
    }
  }
}

function at(remote: string): OtherEnd {
  return { remote, async [Symbol.asyncDispose]() {} };
}

async function webServer(status: number): Promise<OtherEnd> {
  const server = createServer((_, response) =>
    response.writeHead(status, { location: 'ws://127.0.0.1:9' }).end('hello'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    remote: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function raw(converse: (socket: Socket) => void): Promise<OtherEnd> {
  const server = await rawServer(converse);
  return { remote: `ws://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function guarded(): Promise<OtherEnd> {
  const hash = 'a'.repeat(64);
  return startCodexfsServe({ listen: 'ws', args: ['--ws-auth', 'capability-token', '--ws-token-sha256', hash] });
}

async function otherHost(): Promise<OtherEnd> {
  const server = await startCodexfsServe({ listen: 'ws' });
  const remote = server.remote.replace('127.0.0.1', 'localtest.me.localhost');
  return { remote, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

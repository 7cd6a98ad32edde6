// Targets on the client's side: the answers of a server, the output of a program, command lines, and trees up and down.

import { mkdir, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { NegotiatedDialects, shakeHands } from '../../../src/dialects/negotiate.js';
import { CodexfsError } from '../../../src/errors.js';
import { ConfinedFileSystem } from '../../../src/fs/ConfinedFileSystem.js';
import { LocalFileSystem } from '../../../src/fs/LocalFileSystem.js';
import { RemoteFileSystem } from '../../../src/fs/RemoteFileSystem.js';
import { Connection } from '../../../src/rpc/Connection.js';
import { serve } from '../../../src/server/serve.js';
import { copyFile } from '../../../src/transfer/copyFile.js';
import { treeJobs } from '../../../src/transfer/copyTree.js';
import type { Endpoint } from '../../../src/transfer/Endpoint.js';
import { LineTransport } from '../../../src/transport/lines.js';
import { memoryTransportPair } from '../../../src/transport/memory.js';
import type { Transport } from '../../../src/transport/Transport.js';
import { contentOf } from '../../helpers/content.js';
import { endpoint } from '../../helpers/copying.js';
import { helloOfExecServer, type Script } from '../../helpers/evilServer.js';
import { runInProcess } from '../../helpers/runInProcess.js';
import { SimulatedDisk } from '../../helpers/simulatedDisk.js';
import { SimulatedFileSystem } from '../../helpers/simulatedFileSystem.js';
import { temporaryDirectory } from '../../helpers/temporaryDirectory.js';
import { treeOf } from '../../helpers/treeOf.js';
import { honestScript } from '../../hostile/honestScript.js';
import { fuzzTarget, mangled, pureTarget } from '../FuzzTarget.js';

/** A server that says nothing is not what is tried here. */
const patienceMs = 2_000;
const chunkBytes = 20_000;
const content = contentOf(2 * chunkBytes + 9);

async function fileSystemOn(transport: Transport): Promise<RemoteFileSystem> {
  const connection = new Connection(transport, { idleTimeoutMs: patienceMs });
  try {
    const options = { clientVersion: '0', url: 'fuzz', timeoutMs: patienceMs };
    const server = await shakeHands(connection, options);
    return new RemoteFileSystem(connection, server, new NegotiatedDialects(connection, server));
  } catch (error) {
    await connection.close('the handshake failed');
    throw error;
  }
}

/**
 * Copies `/f` from a server on `transport`. Whatever goes wrong must be foreseen, and a success be the truth: all of the file,
 * or of a server that lies about both size and end what it said that there is.
 */
async function checkDownload(transport: Transport, isLying = false): Promise<void> {
  const disk = new SimulatedDisk();
  try {
    await using system = await fileSystemOn(transport);
    const to = endpoint(new SimulatedFileSystem(disk), '/copy', 'here');
    await copyFile(endpoint(system, '/f', 'box'), to, { chunkBytes });
    const copy = disk.content('/copy');
    const expected = isLying ? content.subarray(0, copy?.length) : content;
    assert.ok(copy?.equals(expected), 'a copy succeeded and is not the file');
  } catch (error) {
    if (!(error instanceof CodexfsError)) throw error;
  } finally {
    await transport.close('done');
  }
}

/** What is done to the `index`-th message of a server. */
interface Mutation {
  readonly index: number;
  readonly kind: 'drop' | 'twice' | 'late' | 'id' | 'field' | 'type' | 'number' | 'eof' | 'base64' | 'cut';
  readonly choice: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  index: fc.nat({ max: 8 }),
  kind: fc.constantFrom(
    'twice',
    'late',
    'id',
    'field',
    'type',
    'number',
    'eof',
    'base64',
    'cut',
    'field',
    'type',
    'drop',
  ),
  choice: fc.nat({ max: 1_000 }),
});

const otherValues = [null, 'x', -1, 1e300, 2 ** 53, [], {}, true, 1.5, '', JSON.parse('{"__proto__":{"eof":true}}')];

function mutated(message: { id: unknown; result: Record<string, unknown> }, { kind, choice }: Mutation): string[] {
  const keys = Object.keys(message.result);
  const key = keys[choice % Math.max(1, keys.length)] ?? 'x';
  const value = message.result[key];
  const withResult = (result: unknown) => [JSON.stringify({ ...message, result })];
  const whole = JSON.stringify(message);
  switch (kind) {
    case 'drop':
      return [];
    case 'twice':
      return [whole, whole];
    case 'id':
      return [JSON.stringify({ ...message, id: [Number(message.id) + 1, String(message.id), null, {}][choice % 4] })];
    case 'field': {
      const { [key]: _, ...rest } = message.result;
      return withResult(rest);
    }
    case 'type':
      return withResult({ ...message.result, [key]: otherValues[choice % otherValues.length] });
    case 'number':
      return withResult({ ...message.result, ...(typeof value === 'number' ? { [key]: value + choice - 500 } : {}) });
    case 'eof':
      return withResult({ ...message.result, ...('eof' in message.result ? { eof: !message.result.eof } : {}) });
    case 'base64':
      return withResult(typeof value === 'string' ? { ...message.result, [key]: `${value.slice(0, choice)}=` } : null);
    case 'cut':
      return [whole.slice(0, choice)];
    default:
      return [whole];
  }
}

function mutatingServer(far: Transport, mutations: readonly Mutation[]): void {
  const script: Script = { initialize: () => helloOfExecServer, ...honestScript(content) };
  const peer = { send() {}, raw: () => true, drop() {}, close() {} };
  let index = 0;
  far.start({
    message: (frame) => {
      const request = JSON.parse(frame.toString('utf8')) as {
        id?: number;
        method: string;
        params: Record<string, unknown>;
      };
      if (request.id === undefined) return;
      const answer = script[request.method]?.({ ...request, id: request.id }, peer) ?? {};
      // The failures of a script are objects of a class; only their error travels.
      const message = 'error' in answer ? { id: request.id, ...answer } : { id: request.id, result: answer };
      const mine = mutations.filter((one) => one.index === index);
      index++;
      const texts = mine.reduce<string[]>(
        (now, one) => ('result' in message ? mutated(message as never, one) : now),
        [JSON.stringify(message)],
      );
      if (texts.length === 0) {
        void far.close('it has had enough');
        return;
      }
      const isLate = mine.some(({ kind }) => kind === 'late');
      const say = () => texts.forEach((text) => void far.send(Buffer.from(text)));
      if (isLate) setTimeout(say, 1);
      else say();
    },
    closed() {},
  });
}

export const answers = pureTarget<readonly Mutation[]>({
  name: 'answers',
  title: 'answers of a server, mutated, to a client that copies',
  count: 5_000,
  longCount: 100_000,
  inputs: fc.array(mutation, { minLength: 1, maxLength: 3 }),
  check: async (mutations) => {
    const [near, far] = memoryTransportPair();
    mutatingServer(far, mutations);
    const isEndWrong = mutations.some(({ kind }) => kind === 'eof');
    const isSizeWrong = mutations.some(({ kind }) => ['field', 'type', 'number'].includes(kind));
    await checkDownload(near, isEndWrong && isSizeWrong);
  },
});

const hello = JSON.stringify({ id: 1, result: helloOfExecServer });
const piece = fc.oneof(
  mangled(
    [`${hello}\n`, '{"id":2,"result":{}}\n', '{"id":2,"error":{"code":-32601,"message":"x"}}\n'],
    ['\n', '\r\n', '\0', '\ufeff', '{}\n'],
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

export const programs = pureTarget<readonly string[]>({
  name: 'programs',
  title: 'what a program on stdio prints, to its client',
  count: 2_000,
  longCount: 20_000,
  inputs: fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => [`${hello}\n`, ...pieces]),
  check: async (pieces) => {
    const [readable, writable] = [new PassThrough(), new PassThrough()];
    writable.resume();
    const transport = new LineTransport({ readable, writable, maxMessageBytes: 100_000, peer: 'the server' });
    for (const text of pieces) readable.write(text);
    readable.end();
    await checkDownload(transport);
  },
});

const words = [
  'cp',
  'cat',
  'ls',
  'stat',
  '-r',
  '-v',
  '-l',
  '-n',
  '-u',
  '--json',
  '--range',
  '0-5',
  '--timeout',
  '1ms',
  '-j',
  '2',
];
words.push(
  '--remote',
  'box=ws://127.0.0.1:1',
  'box:/a',
  'box:',
  ':/a',
  'nobox:/x',
  './a',
  'a',
  '-',
  '--',
  '--help',
  '--version',
);
words.push(
  '--bwlimit',
  '1k',
  '--chunk',
  '0',
  '--links=follow',
  '--exclude',
  '*',
  '-T',
  '-t',
  'd/',
  '--verify',
  '--continue',
  'help',
);

export const commandLines = fuzzTarget<readonly string[]>({
  name: 'commandLines',
  title: 'command lines',
  count: 2_000,
  longCount: 20_000,
  inputs: fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...words) }, mangled(words, ['=', ',', '\0', '-', '\x1b[2J', ''])),
    {
      maxLength: 7,
    },
  ),
  open: async () => {
    const place = await temporaryDirectory();
    const before = process.cwd();
    process.chdir(place.path);
    await writeFile('a', 'a');
    return {
      check: async (line) => {
        // These listen, change the other side of somebody else, or read what nobody writes.
        if (line.some((word) => /^(serve|completion|doctor|-|rm|mkdir|sync)$/.test(word) || word.includes('exec:')))
          return;
        const { status, stderr } = await runInProcess(line);
        assert.ok([0, 1, 2, 3, 4, 5, 7, 8].includes(status), `${status}: ${stderr}`);
        assert.not.match(stderr, /^ {4}at |\x1b/m);
        assert.equal(await treeOf(place.path), { a: 'a' });
      },
      async [Symbol.asyncDispose]() {
        process.chdir(before);
        await place[Symbol.asyncDispose]();
      },
    };
  },
});

/** A tree: names to contents, by their lengths, or to trees. */
type Shape = { readonly [name: string]: number | Shape };

const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '-rf',
    '...',
    ' ',
    'a\nb',
    '\x1b[31m',
    '__proto__',
    'é',
    'e\u0301',
    'x'.repeat(255),
    '%2e%2e',
    '#',
    '?',
    '\\',
  ),
);
const sizeBytes = fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(0, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145));
const { shape } = fc.letrec<{ shape: Shape; entry: number | Shape }>((tie) => ({
  entry: fc.oneof({ depthSize: 'small', withCrossShrink: true }, sizeBytes, tie('shape')),
  shape: fc.dictionary(name, tie('entry'), { maxKeys: 5, noNullPrototype: true }),
}));

async function makeShape(path: string, tree: Shape): Promise<void> {
  await mkdir(path);
  for (const [entry, what] of Object.entries(tree)) {
    if (
      entry.includes('/') ||
      entry === '.' ||
      entry === '..' ||
      entry.includes('\0') ||
      Buffer.byteLength(entry) > 255
    )
      continue;
    if (typeof what === 'number') await writeFile(`${path}/${entry}`, Buffer.alloc(what, entry));
    else await makeShape(`${path}/${entry}`, what);
  }
}

async function copyTree(from: Endpoint, to: Endpoint): Promise<void> {
  for await (const job of treeJobs(from, to, { links: 'follow' })) {
    if (job.type === 'failed') throw job.error;
    if (job.type === 'file') await copyFile(job.from, job.to);
  }
}

export const trees = pureTarget<Shape>({
  name: 'trees',
  title: 'trees, up to a server and down again',
  count: 300,
  longCount: 5_000,
  inputs: shape,
  check: async (tree) => {
    await using place = await temporaryDirectory();
    await makeShape(place.join('from'), tree);
    await using server = await serve();
    const [near, far] = memoryTransportPair();
    server.accept(far);
    const connection = new Connection(near);
    const info = await shakeHands(connection, { clientVersion: '0', url: 'fuzz' });
    await using system = new RemoteFileSystem(connection, info, new NegotiatedDialects(connection, info));
    await copyTree(
      endpoint(new LocalFileSystem(), place.join('from'), 'here'),
      endpoint(system, place.join('far'), 'box'),
    );
    await using confined = new ConfinedFileSystem(place.join('back'));
    await copyTree(endpoint(system, place.join('far'), 'box'), endpoint(confined, place.join('back'), 'here'));
    const expected = JSON.stringify(await treeOf(place.join('from')));
    for (const copy of ['far', 'back']) assert.ok(JSON.stringify(await treeOf(place.join(copy))) === expected, copy);
  },
});

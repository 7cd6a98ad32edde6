// One list of raw requests to the real exec-server and to codexfs serve. Where the answers differ, the difference is in
// docs/PROTOCOL.md, and the row here says which one.

import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { isMethod, methods } from '../../src/protocol/methods.js';
import { connectWebSocket } from '../../src/transport/webSocket.js';
import { describe } from '../helpers/describe.js';
import { type RawAnswer, RawClient } from '../helpers/rawClient.js';
import { repositoryRoot } from '../helpers/repository.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

/** A request; `differs` names the row of the table of differences when the two servers may not agree. */
interface Row {
  readonly method: string;
  readonly params?: unknown;
  readonly differs?: string;
}

const bytes = (text: string) => Buffer.from(text).toString('base64');
const walk = { maxDepth: 64, maxDirectories: 1000, maxEntries: 1000, followDirectorySymlinks: false };

/** All requests, in order; `at` makes a URI of a name below the folder, which is alike for both servers. */
function requests(at: (name: string) => string): Row[] {
  return [
    ...metadata.map((name) => ({ method: 'fs/getMetadata', params: { path: at(name) } })),
    ...metadata.map((name) => ({ method: 'fs/canonicalize', params: { path: at(name) } })),
    ...metadata.map((name) => ({
      method: 'fs/readDirectory',
      params: { path: at(name) },
      ...(name === '' || name === 'd' || name === 'to-d' ? { differs: 'dangling links' } : {}),
    })),
    ...metadata.map((name) => ({ method: 'fs/walk', params: { path: at(name), options: walk } })),
    ...metadata.map((name) => ({ method: 'fs/readFile', params: { path: at(name) } })),
    ...metadata.map((name) => ({
      method: 'fs/open',
      params: { handleId: name.slice(-32), path: at(name) },
    })),
    ...uris(at).map((path) => ({ method: 'fs/canonicalize', params: { path } })),
    ...strictUris(at).map((path) => ({ method: 'fs/canonicalize', params: { path }, differs: 'strict URIs' })),
    ...walks.map((options) => ({
      method: 'fs/walk',
      params: { path: at(''), options: { ...walk, ...options } },
      ...('followDirectorySymlinks' in options ? { differs: 'broken links in walks' } : {}),
    })),
    ...wrongParams(at),
    ...blocks(at),
    ...changes(at),
    { method: 'nope', params: {} },
    { method: 'fs/readFile', params: { path: at('a'), sandbox: {} }, differs: 'sandbox' },
    { method: 'fs/readFile/open', params: { handleId: 'r', path: at('a') }, differs: 'handles' },
    { method: 'process/start', params: {}, differs: 'process' },
    { method: 'fs/canonicalize', params: { path: '/' }, differs: 'native paths' },
  ];
}

const metadata = ['', 'a', 'empty', 'd', 'd/e', 'to-a', 'to-d', 'dangling', 'fifo', 'none', 'a/b', 'd/loop', 'ü %#?'];

function uris(at: (name: string) => string): string[] {
  const folder = at('');
  return [
    '',
    'a',
    'http://x/y',
    `${folder}?x`,
    `${folder}#x`,
    'file:///a%00b',
    `${folder}/../`,
    `${folder}/d//e`,
    `${folder}/d/`,
  ]
    .concat([folder.replace('file://', 'file://localhost'), folder.replace('file://', 'FILE://'), 'file:///'])
    .concat([folder.replace('file://', 'file:'), `${folder}/d/%2e%2e/a`]);
}

function strictUris(at: (name: string) => string): string[] {
  return ['file://host/x', 'file:///a%2Fb', 'file:///%FF', `${at('a')}/`, `${at('d')}\\e`];
}

const walks = [
  { maxDepth: 0 },
  { maxDepth: 1 },
  { maxEntries: 2 },
  { maxDirectories: 1 },
  { maxDirectories: 2 },
  { maxEntries: 0 },
  { maxDirectories: 0 },
  { maxDepth: 65 },
  { maxDirectories: 10_001 },
  { maxEntries: 50_001 },
  { maxDepth: -1 },
  { maxDepth: 1.5 },
  { maxDepth: 1, followDirectorySymlinks: true },
];

function wrongParams(at: (name: string) => string): Row[] {
  const wrong: [string, unknown][] = [
    ['fs/getMetadata', {}],
    ['fs/getMetadata', { path: 5 }],
    ['fs/walk', { path: at('') }],
    ['fs/copy', { sourcePath: at('a'), destinationPath: at('b') }],
    ['fs/writeFile', { path: at('a') }],
    ['fs/open', { path: at('a') }],
    ['fs/open', { handleId: 'x', path: at('a'), mode: 'append' }],
    ['fs/open', { handleId: 'x', path: at('a'), mode: null }],
    ['fs/close', {}],
    ['fs/close', []],
    ['fs/close', undefined],
    ['fs/remove', { path: at('none'), recursive: 'yes' }],
  ];
  return wrong.map(([method, params]) => ({ method, params }));
}

function blocks(at: (name: string) => string): Row[] {
  const rows: [string, object, string?][] = [
    ['fs/open', { handleId: 'r', path: at('a') }],
    ['fs/open', { handleId: 'r', path: at('a') }],
    ['fs/open', { handleId: 'x'.repeat(33), path: at('a') }],
    ['fs/open', { handleId: 'é'.repeat(16), path: at('a') }],
    ['fs/readBlock', { handleId: 'r', offset: 0, len: 5 }],
    ['fs/readBlock', { handleId: 'r', offset: 0, len: 6 }],
    ['fs/readBlock', { handleId: 'r', offset: 2, len: 2 }],
    ['fs/readBlock', { handleId: 'r', offset: 5, len: 1 }],
    ['fs/readBlock', { handleId: 'r', offset: 900, len: 1 }],
    ['fs/readBlock', { handleId: 'r', offset: 0, len: 0 }],
    ['fs/readBlock', { handleId: 'r', offset: 0, len: 1_048_577 }],
    ['fs/readBlock', { handleId: 'none', offset: 0, len: 0 }],
    ['fs/readBlock', { handleId: 'none', offset: 0, len: 1 }],
    ['fs/readBlock', { handleId: 'r', offset: -1, len: 1 }],
    ['fs/readBlock', { handleId: 'r', offset: 1.5, len: 1 }],
    ['fs/readBlock', { handleId: 'r', offset: 2 ** 53, len: 1 }, 'large numbers'],
    ['fs/writeBlock', { handleId: 'r', offset: 0, chunk: bytes('x') }, 'wrong kind'],
    ['fs/close', { handleId: 'r' }],
    ['fs/close', { handleId: 'r' }],
    ['fs/open', { handleId: 'w', path: at('out'), mode: 'replace' }],
    ['fs/writeBlock', { handleId: 'w', offset: 3, chunk: bytes('end') }],
    ['fs/writeBlock', { handleId: 'w', offset: 0, chunk: bytes('ab') }],
    ['fs/writeBlock', { handleId: 'w', offset: 0, chunk: '' }],
    ['fs/writeBlock', { handleId: 'w', offset: 0, chunk: '!!!' }],
    ['fs/writeBlock', { handleId: 'w', offset: 0, chunk: 'aGk' }],
    ['fs/writeBlock', { handleId: 'w', offset: 0, chunk: 'a-_=' }],
    ['fs/readFile', { path: at('out') }],

    ['fs/writeBlock', { handleId: 'w', offset: Number.MAX_SAFE_INTEGER, chunk: bytes('x') }],
    ['fs/writeBlock', { handleId: 'w', offset: 0, chunk: bytes('x') }, 'closed by an I/O error'],
    ['fs/close', { handleId: 'w' }],
    ['fs/open', { handleId: 'w', path: at('out'), mode: 'replace' }],
    ['fs/readBlock', { handleId: 'w', offset: 0, len: 1 }, 'wrong kind'],
    ['fs/close', { handleId: 'w' }],
    ['fs/open', { handleId: 'd', path: at('d'), mode: 'replace' }],
    ['fs/open', { handleId: 'd', path: at('none/x'), mode: 'replace' }],
  ];
  return rows.map(([method, params, differs]) => ({ method, params, ...(differs === undefined ? {} : { differs }) }));
}

function changes(at: (name: string) => string): Row[] {
  const copy = (from: string, to: string, recursive = false) => ({
    sourcePath: at(from),
    destinationPath: at(to),
    recursive,
  });
  const rows: [string, object, string?][] = [
    ['fs/writeFile', { path: at('new'), dataBase64: bytes('new') }],
    ['fs/writeFile', { path: at('new'), dataBase64: '' }],
    ['fs/writeFile', { path: at('new'), dataBase64: 'aGk' }, 'base64 in fs/writeFile'],
    ['fs/writeFile', { path: at('d'), dataBase64: '' }],
    ['fs/writeFile', { path: at('none/x'), dataBase64: '' }],
    ['fs/createDirectory', { path: at('m'), recursive: false }],
    ['fs/createDirectory', { path: at('m'), recursive: false }],
    ['fs/createDirectory', { path: at('m'), recursive: true }],
    ['fs/createDirectory', { path: at('n/m/o') }],
    ['fs/createDirectory', { path: at('q/m'), recursive: false }],
    ['fs/createDirectory', { path: at('a') }],
    ['fs/createDirectory', { path: at('a/x') }],
    ['fs/copy', copy('a', 'copied')],
    ['fs/copy', copy('d', 'e')],
    ['fs/copy', copy('d', 'e', true)],
    ['fs/copy', copy('d', 'm', true)],
    ['fs/copy', copy('d', 'd/e/f', true)],
    ['fs/copy', copy('d', 'd', true)],
    ['fs/copy', copy('d', 'a', true)],
    ['fs/copy', copy('a', 'd')],
    ['fs/copy', copy('fifo', 'x')],
    ['fs/copy', copy('none', 'x')],
    ['fs/copy', copy('dangling', 'dangling-copy')],
    ['fs/copy', copy('to-a', 'to-a-copy')],
    ['fs/copy', copy('a', 'a'), 'copy onto itself'],
    ['fs/walk', { path: at('m'), options: walk }],
    ['fs/remove', { path: at('n'), recursive: false }],
    ['fs/remove', { path: at('n') }],
    ['fs/remove', { path: at('n') }],
    ['fs/remove', { path: at('n'), force: false }],
    ['fs/remove', { path: at('to-d') }],
    ['fs/remove', { path: at('a') }],
    ['fs/readDirectory', { path: at('') }, 'dangling links'],
  ];
  return rows.map(([method, params, differs]) => ({ method, params, ...(differs === undefined ? {} : { differs }) }));
}

async function fill(directory: TemporaryDirectory): Promise<void> {
  const at = (name: string) => directory.join(name);
  await mkdir(at('d/e'), { recursive: true });
  await Promise.all([
    writeFile(at('a'), 'hello'),
    writeFile(at('empty'), ''),
    writeFile(at('d/e/x'), '1'),
    writeFile(at('ü %#?'), 'odd'),
    symlink('a', at('to-a')),
    symlink('d', at('to-d')),
    symlink('gone', at('dangling')),
    symlink('loop', at('d/loop')),
    promisify(execFile)('mkfifo', [at('fifo')]),
  ]);
}

interface Exchange {
  readonly row: Row;
  readonly answer: RawAnswer;
}

/** Sends everything to `server`, over a folder that is made for it. */
async function record(server: TestServer): Promise<Exchange[]> {
  await using directory = await temporaryDirectory();
  await fill(directory);
  const client = new RawClient(await connectWebSocket(server.remote));
  await client.initialize();
  const at = (name: string) =>
    `file://${directory.path}${name === '' ? '' : `/${encodeURI(name).replace(/[?#]/g, encodeURIComponent)}`}`;
  const exchanges: Exchange[] = [];
  for (const row of requests(at)) exchanges.push({ row, answer: await client.call(row.method, row.params) });
  await client.close();
  return JSON.parse(JSON.stringify(exchanges).replaceAll(directory.path, '/folder')) as Exchange[];
}

/** What must be equal: the code of an error, and of a result everything but times, the size of folders, and the order of a listing. */
function comparable({ answer }: Exchange): unknown {
  if (answer.error !== undefined) return answer.error.code;
  const { createdAtMs: _, modifiedAtMs: __, size, entries, ...rest } = answer.result as Record<string, unknown>;
  const isFolder = rest.isDirectory === true;
  return { ...rest, ...(isFolder ? {} : { size }), entries: Array.isArray(entries) ? sorted(entries) : entries };
}

function sorted(entries: unknown[]): unknown[] {
  if (entries.every((entry) => typeof entry === 'object' && entry !== null && 'path' in entry)) return entries;
  return [...entries].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

describe('codexfs serve beside the real exec-server', (test) => {
  test(
    'answers the same list of requests in the same way, but for the table of differences',
    async () => {
      await using real = await startCodexExecServer({ listen: 'ws' });
      await using own = await startCodexfsServe({ listen: 'ws' });
      const [expected, actual] = await Promise.all([record(real), record(own)]);
      const documented = await readFile(join(repositoryRoot, 'docs/PROTOCOL.md'), 'utf8');
      const differing = new Set<string>();
      const surprises: unknown[] = [];
      for (const [index, exchange] of expected.entries()) {
        const { differs } = exchange.row;
        const ownExchange = actual[index] ?? exchange;
        if (differs === undefined) {
          const [theirs, ours] = [comparable(exchange), comparable(ownExchange)];
          if (!isDeepStrictEqual(theirs, ours)) surprises.push({ row: exchange.row, theirs, ours });
        } else {
          assert.match(
            documented,
            new RegExp(`^\\| ${differs} +\\|`, 'm'),
            `docs/PROTOCOL.md does not tell of "${differs}"`,
          );
          if (!isDeepStrictEqual(comparable(ownExchange), comparable(exchange))) differing.add(differs);
        }
      }
      assert.equal(surprises, []);
      const claimed = new Set(expected.flatMap(({ row }) => row.differs ?? []));
      assert.equal(
        [...claimed].filter((row) => !differing.has(row)),
        [],
        'rows that are no differences',
      );
      assert.ok(expected.length >= 150, `${expected.length} requests`);
      checkAgainstSchemas([...expected, ...actual]);
    },
    { timeoutMs: 60_000 },
  );
});

/** What really went over the wire fits the schemas: every result, and the params of every request that succeeded. */
function checkAgainstSchemas(exchanges: readonly Exchange[]): void {
  for (const { row, answer } of exchanges) {
    if (answer.error !== undefined || row.differs === 'large numbers' || !isMethod(row.method)) continue;
    const { params, result } = methods[row.method];
    assert.ok(v.safeParse(params, row.params ?? {}).success, `params of ${JSON.stringify(row)}`);
    assert.ok(v.safeParse(result, answer.result).success, `result of ${row.method}: ${JSON.stringify(answer)}`);
  }
}

// Names that a peer made up, as files and as directories, on both platforms and in both directions: what is written stays one
// entry below the destination, everything else is refused, and nothing of it reaches a terminal as a command.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import * as assert from 'uvu/assert';
import { NegotiatedDialects, type ServerInfo } from '../../src/dialects/negotiate.js';
import type { DirectoryEntry, FileSystem } from '../../src/fs/FileSystem.js';
import { RemoteFileSystem } from '../../src/fs/RemoteFileSystem.js';
import { fromWirePath } from '../../src/fs/remotePath.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { treeJobs } from '../../src/transfer/copyTree.js';
import { endpoint } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { evilServer, fail, type Script as WebSocketScript } from '../helpers/evilServer.js';
import { NoticedFileSystem } from '../helpers/noticedFileSystem.js';
import { runInProcess } from '../helpers/runInProcess.js';
import { answers, scriptedPeer } from '../helpers/scriptedPeer.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { treeOf } from '../helpers/treeOf.js';
import { hostileNames } from './hostileNames.js';

const platforms = { posix: { rules: posix, root: '/dst' }, win32: { rules: win32, root: 'C:\\dst' } } as const;

function serverOn(platform: keyof typeof platforms): ServerInfo {
  const platformOs = platform === 'win32' ? 'windows' : 'linux';
  const paths = { cwd: undefined, userHomeDir: undefined, pathForm: 'uri' } as const;
  return { kind: 'exec-server', version: '1', platformOs, ...paths, capabilities: { fileWriteStreaming: true } };
}

function remote(server: ServerInfo, script: Parameters<typeof scriptedPeer>[0]) {
  const peer = scriptedPeer(script);
  return {
    peer,
    system: new RemoteFileSystem(peer.connection, server, new NegotiatedDialects(peer.connection, server)),
  };
}

/** A server whose directory `/src` holds `names`, each once as a file; what else is asked for is there and empty. */
function serverListing(names: readonly string[], isDirectory: boolean): Parameters<typeof scriptedPeer>[0] {
  const entries = names.map((fileName) => ({ fileName, isDirectory, isFile: !isDirectory, isSymlink: false }));
  const facts = { isDirectory: false, isFile: true, isSymlink: false, size: 0, createdAtMs: 1, modifiedAtMs: 1 };
  return answers({
    'fs/canonicalize': ({ path }) => ({ result: { path } }),
    'fs/readDirectory': ({ path }) => ({ result: { entries: path === 'file:///src' ? entries : [] } }),
    'fs/getMetadata': () => ({ result: facts }),
    'fs/open': ({ handleId }) => ({ result: { handleId } }),
    'fs/readBlock': () => ({ result: { chunk: '', eof: true } }),
    'fs/close': () => ({ result: {} }),
  });
}

/** Copies the tree and counts the names that were refused. */
async function copyTree(from: FileSystem, to: FileSystem, root: string): Promise<number> {
  let refused = 0;
  for await (const job of treeJobs(endpoint(from, '/src', 'a'), endpoint(to, root, 'b'), { links: 'follow' })) {
    if (job.type === 'failed') refused++;
    if (job.type === 'file') await copyFile(job.from, job.to).catch(() => refused++);
  }
  return refused;
}

function assertBelow(paths: readonly string[], platform: keyof typeof platforms): void {
  const { rules, root } = platforms[platform];
  for (const path of paths) {
    if (path === root) continue;
    assert.is(rules.dirname(rules.resolve(path)), root, JSON.stringify(path));
    assert.is(rules.join(root, rules.basename(path)), path);
  }
}

for (const platform of ['posix', 'win32'] as const) {
  for (const kind of ['file', 'directory'] as const) {
    describe(`${hostileNames.length} hostile names of a ${kind}, on ${platform}`, (test) => {
      test('lead nowhere but below the destination of a download', async () => {
        const { system } = remote(serverOn('posix'), serverListing(hostileNames, kind === 'directory'));
        const to = new NoticedFileSystem(platform);
        const refused = await copyTree(system, to, platforms[platform].root);
        assertBelow(to.noticed, platform);
        assert.is(refused + new Set(to.noticed).size - 1, hostileNames.length);
        assert.ok(refused >= 45, `${refused} refused`);
      });

      test('lead nowhere but below the destination of an upload', async () => {
        const entries = hostileNames.map((name): DirectoryEntry => ({ name, kind, isSymlink: false }));
        const from = new (class extends NoticedFileSystem {
          override async list(path = ''): Promise<DirectoryEntry[]> {
            return path === '/src' ? super.list() : [];
          }
        })('posix', entries);
        const { peer, system } = remote(serverOn(platform), ({ method, params }) => {
          if (method === 'fs/open') return { result: { handleId: params.handleId } };
          if (method === 'fs/getMetadata') return { error: { code: -32004, message: 'No such file' } };
          return { result: {} };
        });
        const refused = await copyTree(from, system, platforms[platform].root);
        const written = [...peer.paramsOf('fs/open'), ...peer.paramsOf('fs/createDirectory')].map(({ path }) =>
          fromWirePath(String(path), platforms[platform].rules),
        );
        assertBelow(written, platform);
        assert.is(refused + new Set(written).size - 1, hostileNames.length);
        assert.ok(refused >= 45, `${refused} refused`);
      });
    });
  }
}

/** What a terminal would act on: control characters but the end of a line, separators, and what changes direction. */
const commands =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/u;

/** What progress is drawn with, and no hostile text holds. */
const ownCommands = /\u001b\[(?:\d*[AGK]|J|\?\d+[hl]|0?m)|\r(?!\n)/g;

/** A server that puts `text` wherever it may put text. */
function talkative(text: string): WebSocketScript {
  const entries = hostileNames.map((fileName) => ({ fileName, isDirectory: false, isFile: true }));
  const facts = { isFile: true, isDirectory: false, isSymlink: false, size: 3, createdAtMs: 1, modifiedAtMs: 1 };
  const isRoot = (params: Record<string, unknown>) => String(params.path).endsWith('/src');
  return {
    'fs/canonicalize': ({ params }) => ({ path: params.path }),
    'fs/readDirectory': ({ params }) => (isRoot(params) ? { entries } : fail(-32603, text)),
    'fs/getMetadata': ({ params }) => (isRoot(params) ? { ...facts, isFile: false, isDirectory: true } : facts),
    'fs/open': () => fail(-32603, text),
    'fs/createDirectory': () => fail(-32600, text),
    'fs/readFile': () => fail(-32603, text),
  };
}

describe('a server that says hostile things', (test) => {
  const texts = ['\x1b[2J\x9b2J\r\n\u202e\u2028\x07', `\x1b]0;${'x'.repeat(100_000)}\x07`, '\ud800 \u0000 \u009c'];
  const commandLines: Record<string, (url: string, place: string) => string[]> = {
    ls: (url) => ['ls', `${url}/src`],
    'ls -l': (url) => ['ls', '-l', `${url}/src`],
    stat: (url) => ['stat', `${url}/src`, `${url}/\x1b[2J\u202e`],
    'stat --json': (url) => ['stat', '--json', `${url}/a\x1b[2J\u202e`],
    cat: (url) => ['cat', `${url}/a`],
    'cp -rv': (url, place) => ['cp', '-rv', `${url}/src`, `${place}/down`],
    cp: (url, place) => ['cp', '-v', `${url}/a`, `${place}/a`],
    'cp -r up': (url, place) => ['cp', '-r', place, `${url}/up`],
    'cp up': (url, place) => ['cp', `${place}/\x1b[31mred\n`, `${url}/up`],
  };
  for (const [name, wordsOf] of Object.entries(commandLines)) {
    test(`reaches no terminal through ${name}`, async () => {
      for (const text of texts) {
        await using outer = await temporaryDirectory();
        const place = outer.join('place');
        await mkdir(place);
        await writeFile(outer.join('beside'), 'untouched');
        await writeFile(`${place}/\x1b[31mred\n`, 'red');
        await using server = await evilServer(talkative(text));
        const { stdout, stderr } = await runInProcess(['--color=never', ...wordsOf(server.url, place)], {
          isTerminal: true,
        });
        for (const output of [stdout, stderr]) {
          const left = output.replace(ownCommands, '');
          const at = left.search(commands);
          assert.is(at, -1, JSON.stringify(left.slice(Math.max(0, at - 40), at + 40)));
          for (const line of output.split('\n')) assert.ok(line.length < 12_000, `a line of ${line.length}`);
        }
        assert.equal((await readdir(outer.path)).sort(), ['beside', 'place']);
        assert.is((await treeOf(outer.path)).beside, 'untouched');
      }
    });
  }
});

describe('two names that a platform takes for one', (test) => {
  const pairs: readonly (readonly [string, string, readonly string[]])[] = [
    ['a', 'A', ['darwin', 'win32']],
    ['é', 'e\u0301', ['darwin']],
    ['É', 'e\u0301', ['darwin']],
    ['K', '\u212a', ['darwin', 'win32']],
    ['a', 'b', []],
    ['a', 'a', ['posix', 'darwin', 'win32']],
  ];
  for (const platform of ['posix', 'darwin', 'win32'] as const) {
    for (const [first, second, folding] of pairs) {
      const isOne = folding.includes(platform);
      test(`${JSON.stringify([first, second])} are ${isOne ? 'one' : 'two'} on ${platform}`, async () => {
        const { system } = remote(serverOn('posix'), serverListing([first, second], false));
        const to = new NoticedFileSystem(platform);
        assert.is(await copyTree(system, to, to.namePlatform === 'win32' ? 'C:\\dst' : '/dst'), isOne ? 1 : 0);
        assert.is(to.noticed.length, isOne ? 2 : 3);
      });
    }
  }
});

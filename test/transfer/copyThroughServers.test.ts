// Copies through real servers in memory, in every dialect and between all pairs of ends: the bytes arrive, the same file under
// two names keeps its own, and what was opened is closed.

import { link, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { NegotiatedDialects, shakeHands } from '../../src/dialects/negotiate.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { RemoteFileSystem } from '../../src/fs/RemoteFileSystem.js';
import { Connection } from '../../src/rpc/Connection.js';
import { serve } from '../../src/server/serve.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { copyWithinServer } from '../../src/transfer/copyWithinServer.js';
import type { Endpoint } from '../../src/transfer/Endpoint.js';
import { memoryTransportPair } from '../../src/transport/memory.js';
import { contentOf } from '../helpers/content.js';
import { endpoint, failureOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const dialects = ['handles', 'blocks', 'buffered'] as const;
type Dialect = (typeof dialects)[number];
const MiB = 1024 * 1024;

type End = (path: string) => Endpoint;

/** Two servers of this host's files in one dialect, the second reached twice, and the host itself. */
async function ends(dialect: Dialect) {
  const servers = await Promise.all([1, 2].map(() => serve({ dialects: [dialect] })));
  const systems: RemoteFileSystem[] = [];
  for (const server of servers) {
    const [near, far] = memoryTransportPair();
    server.accept(far);
    const connection = new Connection(near);
    const info = await shakeHands(connection, { clientVersion: '1', url: 'memory' });
    systems.push(new RemoteFileSystem(connection, info, new NegotiatedDialects(connection, info)));
  }
  const [first, second] = systems;
  if (first === undefined || second === undefined) throw new Error('there are two servers');
  const local = new LocalFileSystem();
  const all: Record<string, End> = {
    one: (path) => endpoint(first, path, 'one'),
    two: (path) => endpoint(second, path, 'two'),
    here: (path) => endpoint(local, path, 'here'),
  };
  return {
    all,
    systems,
    async [Symbol.asyncDispose]() {
      await Promise.all(systems.map((system) => system.close()));
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

const pairs = [
  ['one', 'one'],
  ['one', 'two'],
  ['one', 'here'],
  ['here', 'one'],
] as const;

function endOf(all: Record<string, End>, name: string): End {
  const end = all[name];
  if (end === undefined) throw new Error(`there is no end ${name}`);
  return end;
}

for (const dialect of dialects) {
  describe(`a copy in the dialect ${dialect}`, (test) => {
    for (const [from, to] of pairs) {
      test(`has the bytes of its source, from ${from} to ${to}`, async () => {
        await using directory = await temporaryDirectory();
        await using servers = await ends(dialect);
        for (const sizeBytes of [0, 1, 262_143, 262_144, 262_145, MiB + 1, 4 * MiB]) {
          await writeFile(directory.join('a'), contentOf(sizeBytes));
          await writeFile(directory.join('b'), contentOf(5_000_000, 2));
          const source = endOf(servers.all, from)(directory.join('a'));
          const result = await copyFile(source, endOf(servers.all, to)(directory.join('b')));
          assert.equal(result, { bytes: sizeBytes });
          assert.ok((await readFile(directory.join('b'))).equals(contentOf(sizeBytes)), `${sizeBytes} bytes`);
        }
        const [first] = servers.systems;
        if (from === 'one') assert.is(first?.dialects.read, dialect);
        if (to === 'one') assert.is(first?.dialects.write, dialect);
        assert.equal((await readdir(directory.path)).sort(), ['a', 'b']);
      });

      test(`leaves one file under two names as it is, from ${from} to ${to}`, async () => {
        await using directory = await temporaryDirectory();
        await using servers = await ends(dialect);
        const content = contentOf(MiB + 5);
        await writeFile(directory.join('a'), content);
        await link(directory.join('a'), directory.join('hard'));
        await symlink('a', directory.join('soft'));
        const before = await stat(directory.join('a'));
        const source = endOf(servers.all, from)(directory.join('a'));
        for (const name of ['a', './a', '/a', 'hard', 'soft']) {
          const copying = copyFile(source, endOf(servers.all, to)(`${directory.path}/${name}`));
          // Two hard links on servers cannot be shown to be one file; then there is nothing to write.
          if (name === 'hard' && from === 'one' && to !== 'here')
            assert.equal(await copying, { bytes: content.length });
          else assert.equal((await failureOf(copying)).code, 'same_file', name);
          assert.ok((await readFile(directory.join('a'))).equals(content), name);
          assert.is((await stat(directory.join('a'))).mtimeMs, before.mtimeMs, name);
        }
        assert.equal((await readdir(directory.path)).sort(), ['a', 'hard', 'soft']);
      });

      test(`is made again of an unchanged file, and over one that only looks the same, from ${from} to ${to}`, async () => {
        await using directory = await temporaryDirectory();
        await using servers = await ends(dialect);
        const content = contentOf(MiB);
        await writeFile(directory.join('a'), content);
        const source = endOf(servers.all, from)(directory.join('a'));
        const destination = endOf(servers.all, to)(directory.join('b'));
        for (let turn = 0; turn < 2; turn++) assert.equal(await copyFile(source, destination), { bytes: MiB });
        await writeFile(directory.join('b'), contentOf(MiB, 3));
        for (const name of ['a', 'b']) await utimes(directory.join(name), 1000, 1000);
        assert.equal(await copyFile(source, destination), { bytes: MiB });
        assert.ok((await readFile(directory.join('b'))).equals(content));
      });
    }
  });
}

describe('a copy by a server', (test) => {
  test('never empties its own source', async () => {
    await using directory = await temporaryDirectory();
    await using servers = await ends('blocks');
    await writeFile(directory.join('a'), contentOf(1000));
    await link(directory.join('a'), directory.join('hard'));
    const end = endOf(servers.all, 'one');
    for (const name of ['a', 'hard']) {
      const failure = await failureOf(copyWithinServer(end(directory.join('a')), end(directory.join(name))));
      assert.ok(['same_file', 'unsupported'].includes(failure.code), failure.code);
      assert.ok((await readFile(directory.join('a'))).equals(contentOf(1000)));
    }
    assert.equal(await copyWithinServer(end(directory.join('a')), end(directory.join('b'))), { bytes: 1000 });
    assert.ok((await readFile(directory.join('b'))).equals(contentOf(1000)));
  });
});

// A server that has few handles: more files in flight than it takes wait for their turn, and all of them arrive.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { CodexfsError } from '../../src/errors.js';
import type { OpenWriteOptions } from '../../src/fs/FileSystem.js';
import { HostFileSystem } from '../../src/server/ServedFileSystem.js';
import { serve } from '../../src/server/serve.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree } from '../helpers/treeOf.js';

/** Files of this host, of which no more than `limit` are open at a time. */
class NarrowFileSystem extends HostFileSystem {
  readonly #limit: number;
  #openCount = 0;
  refusedCount = 0;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override openRead(path: string) {
    return this.#counted(() => super.openRead(path));
  }

  override openWrite(path: string, options?: OpenWriteOptions) {
    return this.#counted(() => super.openWrite(path, options));
  }

  async #counted<T extends { close(): Promise<void> }>(open: () => Promise<T>): Promise<T> {
    if (this.#openCount >= this.#limit) {
      this.refusedCount++;
      throw new CodexfsError('limit_exceeded', `at most ${this.#limit} file handles may be open`);
    }
    this.#openCount++;
    const handle = await open().catch((error: unknown) => {
      this.#openCount--;
      throw error;
    });
    const close = handle.close.bind(handle);
    let closing: Promise<void> | undefined;
    handle.close = () => (closing ??= close().finally(() => this.#openCount--));
    return handle;
  }
}

const names = Array.from({ length: 12 }, (_, index) => `file-${index}`);
const contents = new Map(names.map((name, index) => [name, contentOf(300_000 + index, index)]));

for (const dialects of [
  ['handles', 'buffered'],
  ['blocks', 'buffered'],
] as const) {
  describe(`a server with 2 handles, ${dialects[0]}`, (test) => {
    for (const [way, options] of [
      ['down', ['-j', '8']],
      ['up', ['-j', '8']],
      ['down', ['--verify']],
      ['up', ['--verify']],
      ['down', ['-c']],
      ['up', ['-c']],
    ] as const) {
      test(
        `takes 12 files ${way} with ${options.join(' ')}`,
        async () => {
          await using place = await temporaryDirectory();
          const fileSystem = new NarrowFileSystem(2);
          await using server = await serve({ fileSystem, dialects });
          await makeTree(
            place.join('t'),
            Object.fromEntries([...contents].map(([name, content]) => [name, content.toString('latin1')])),
          );
          const [source, destination] = [place.join('t'), place.join('copy')];
          const words = way === 'down' ? [`box:${source}/.`, destination] : [`${source}/.`, `box:${destination}`];
          const args = ['--remote', `box=${server.url}`, 'cp', '-r', ...options, ...words];
          await mkdir(destination);
          // Every other file is there already, all with the length of their sources.
          for (const [index, [name, content]] of [...contents].entries()) {
            await writeFile(place.join('copy', name), index % 2 === 0 ? content : content.toReversed());
          }
          const { exitCode, stderr } = await runCodexfs(args);
          assert.equal([exitCode, stderr], [0, '']);
          assert.ok(fileSystem.refusedCount > 0, 'the server was never full');
          for (const name of names)
            assert.ok((await readFile(place.join('copy', name))).equals(await readFile(place.join('t', name))), name);
        },
        { timeoutMs: 60_000 },
      );
    }
  });
}

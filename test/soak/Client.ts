// One of the clients of a soak: random operations, each looked at afterwards, on connections that break off now and then.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { CodexfsError } from '../../src/errors.js';
import { ConfinedFileSystem } from '../../src/fs/ConfinedFileSystem.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import type { RemoteFileSystem } from '../../src/fs/RemoteFileSystem.js';
import { connectRemote } from '../../src/remotes/connect.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { treeJobs } from '../../src/transfer/copyTree.js';
import { type Endpoint, TransferError } from '../../src/transfer/Endpoint.js';
import { contentOf } from '../helpers/content.js';
import { checkReport, endpoint } from '../helpers/copying.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';

const KiB = 1024;
const sizes = [0, 1, 4 * KiB, 64 * KiB, 256 * KiB - 1, 256 * KiB, 256 * KiB + 1, 700 * KiB, 3_000 * KiB];

export interface Tally {
  done: number;
  /** Failures that were foreseen: the line was cut, or the client had had enough. */
  failed: number;
  wrong: string[];
}

export class Client {
  readonly #url: string;
  /** Both sides see it: what is far is here as well, to be looked at. */
  readonly #near: string;
  readonly #far: string;
  readonly #tally: Tally;
  readonly #here = new LocalFileSystem();
  #system: RemoteFileSystem | undefined;
  #nextCopy = 0;

  constructor(url: string, place: { readonly near: string; readonly far: string }, tally: Tally) {
    this.#url = url;
    this.#near = place.near;
    this.#far = place.far;
    this.#tally = tally;
  }

  /** Goes on until `isOver`. Never rejects: what goes wrong is in the tally. */
  async run(isOver: () => boolean): Promise<void> {
    await mkdir(this.#near, { recursive: true });
    await mkdir(this.#far, { recursive: true });
    while (!isOver()) {
      try {
        await this.#one();
        this.#tally.done++;
      } catch (error) {
        if (error instanceof CodexfsError) this.#tally.failed++;
        else this.#tally.wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
      if (this.#system?.endedBy !== undefined || Math.random() < 0.02) await this.#leave();
    }
    await this.#leave();
  }

  async #one(): Promise<void> {
    this.#system ??= await connectRemote(
      { name: 'box', origin: 'a soak', target: { kind: 'webSocket', url: this.#url } },
      { idleTimeoutMs: 5_000 },
    );
    const system = this.#system;
    const pick = Math.random();
    if (pick < 0.4) await this.#copy('up', system);
    else if (pick < 0.8) await this.#copy('down', system);
    else if (pick < 0.9) await this.#copyTree(system);
    else if (pick < 0.95) await system.list(this.#far);
    else await system.remove(join(this.#far, 'none'), { recursive: true, force: true });
  }

  /** One file; a third of them are given up at some moment, and a third are verified. */
  async #copy(direction: 'up' | 'down', system: RemoteFileSystem): Promise<void> {
    const content = contentOf(sizes[Math.floor(Math.random() * sizes.length)] ?? 0, Math.floor(Math.random() * 1000));
    const [fromPlace, toPlace] = direction === 'up' ? [this.#near, this.#far] : [this.#far, this.#near];
    // A name of its own: what a server still does for a line that was cut must not be taken for the next copy's doing.
    const [from, to] = [join(fromPlace, 'from'), join(toPlace, `to-${this.#nextCopy++}`)];
    await writeFile(from, content);
    const before = Math.random() < 0.5 ? undefined : contentOf(100_000, 7);
    if (before !== undefined) await writeFile(to, before);
    const [box, here] = [endpoint(system, '', 'box'), endpoint(this.#here, '', 'here')];
    const ends = direction === 'up' ? [here, box] : [box, here];
    const kind = Math.random();
    const signal = kind < 0.33 ? AbortSignal.timeout(Math.floor(Math.random() * 40)) : undefined;
    try {
      const [fromEnd, toEnd] = [at(ends[0], from), at(ends[1], to)];
      await copyFile(fromEnd, toEnd, { signal: signal && cancelled(signal), isVerified: kind > 0.66 });
      assert.ok((await readFile(to)).equals(content), 'a copy succeeded and is not the file');
    } catch (error) {
      if (error instanceof TransferError)
        checkReport(error, content, before, await readFile(to).catch(() => undefined));
      throw error;
    }
  }

  async #copyTree(system: RemoteFileSystem): Promise<void> {
    const [near, far, back] = [join(this.#near, 'tree'), join(this.#far, 'tree'), join(this.#near, 'back')];
    for (const path of [near, far, back]) await rm(path, { recursive: true, force: true });
    await makeTree(
      near,
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`d${index % 4}/f${index}`, `${index}`])),
    );
    await copyAll(endpoint(this.#here, near, 'here'), endpoint(system, far, 'box'));
    await using confined = new ConfinedFileSystem(back);
    await copyAll(endpoint(system, far, 'box'), endpoint(confined, back, 'here'));
    assert.equal(await treeOf(back), await treeOf(near));
  }

  async #leave(): Promise<void> {
    const system = this.#system;
    this.#system = undefined;
    await system?.close();
  }
}

function at(end: Endpoint | undefined, path: string): Endpoint {
  if (end === undefined) throw new Error('a copy has two ends');
  return { ...end, path, shown: path };
}

/** As the program would abort: with an error of the family as the reason. */
function cancelled(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener('abort', () => controller.abort(new CodexfsError('cancelled', 'cancelled')), { once: true });
  return controller.signal;
}

async function copyAll(from: Endpoint, to: Endpoint): Promise<void> {
  for await (const job of treeJobs(from, to, { links: 'follow' })) {
    if (job.type === 'failed') throw job.error;
    if (job.type === 'file') await copyFile(job.from, job.to);
  }
}

// F25, F27 and F35: sources that change under the copy, sources that are the destination, and sizes around every border.

import { appendFile, link, readFile, rename, symlink, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { contentOf } from '../../helpers/content.js';
import { type Ground, type Journey, nameOf, runWords } from '../Ground.js';
import type { Expectation } from '../oracle.js';
import type { Row, Tally } from '../Row.js';
import { journeysOver } from './cuts.js';
import { measure } from './measure.js';

const changes: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  shrinks: (path) => truncate(path, 100),
  grows: (path) => appendFile(path, contentOf(5_000, 8)),
  'is rewritten': (path) => writeFile(path, contentOf(90_000, 7)),
  'gets another time': (path) => utimes(path, new Date(), new Date(1_000_000)),
  'is replaced by a rename': async (path) => {
    await writeFile(`${path}.new`, contentOf(70_000, 9));
    await rename(`${path}.new`, path);
  },
};

/** Where in the requests of a copy the source changes: behind the first read, in the middle, before the last look. */
const moments = [0.3, 0.6, 0.9];

export function sourceRows(ground: Ground): Row[] {
  const sources = new Sources(ground);
  const journeys = journeysOver('serve', 'codex').filter(({ leg }) => leg !== 'to');
  return [
    ...journeys.flatMap((journey) =>
      Object.keys(changes).map((change) => ({
        id: 'F25',
        fault: `the source ${change}, at three moments`,
        where: nameOf(journey),
        run: (tally: Tally) => sources.changing(tally, journey, change),
      })),
    ),
    ...(['serve', 'codex'] as const).map((server) => ({
      id: 'F27',
      fault: 'source and destination are one, ten spellings',
      where: server,
      run: (tally: Tally) => sources.same(tally, server),
    })),
    ...journeys.map((journey) => ({
      id: 'F35',
      fault: 'sizes around every border',
      where: nameOf(journey),
      run: (tally: Tally) => sources.sizes(tally, journey),
    })),
    {
      id: 'F35',
      fault: 'a sparse file of 5 GiB',
      where: 'down ws serve',
      isLong: true,
      run: (tally: Tally) => sources.sparse(tally, 5 * 1024 ** 3),
    },
    {
      id: 'F49',
      fault: 'a heap of 64 MiB, a file of 256 MiB (5 GiB: F35)',
      where: 'down ws serve',
      run: (tally: Tally) => sources.sparse(tally, 256 * 1024 ** 2),
    },
    ...journeys.map((journey) => ({
      id: 'F50',
      fault: 'times in 1969 and 2100, -p and -u',
      where: nameOf(journey),
      run: (tally: Tally) => sources.oddTimes(tally, journey),
    })),
  ];
}

class Sources {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** A replaced path keeps its old inode open, which may be copied to its end: then the bytes are the old ones. */
  async changing(tally: Tally, journey: Journey, change: string): Promise<void> {
    const { messages } = await measure(this.#ground, journey);
    for (const moment of moments) {
      await (journey.direction === 'up'
        ? this.#changeLocal(tally, journey, change, 1 + moments.indexOf(moment))
        : this.#changeRemote(tally, journey, change, Math.ceil(messages.up * moment)));
    }
  }

  /** The source of an upload is read here, so it changes before a read. */
  async #changeLocal(tally: Tally, journey: Journey, change: string, at: number): Promise<void> {
    const states: Buffer[] = [];
    let holding: Promise<void> = Promise.resolve();
    let path = '';
    let number = 0;
    const run = await this.#ground.copy(journey, {
      prepare: ({ from }) => {
        path = from;
      },
      tap: async (message) => {
        // Behind the handshake and the first looks: an opening for writing, then writes.
        if (message.direction === 'down' && ++number === at + 3) {
          holding = changeOf(change, path, states);
        }
        await holding;
        return undefined;
      },
      otherSources: () => states,
    });
    tally.judge(`${change} at answer ${at + 3}`, run, expectedOf(change));
  }

  async #changeRemote(tally: Tally, journey: Journey, change: string, at: number): Promise<void> {
    const states: Buffer[] = [];
    let path = '';
    const run = await this.#ground.copy(journey, {
      prepare: ({ from }) => {
        path = from;
      },
      tap: async ({ direction, number }) => {
        if (direction === 'up' && number === at) await changeOf(change, path, states);
        return undefined;
      },
      otherSources: () => states,
    });
    tally.judge(`${change} before request ${at}`, run, expectedOf(change));
  }

  /** Every way of writing one file as both source and destination is refused, and the file keeps its bytes. */
  async same(tally: Tally, kind: Journey['server']): Promise<void> {
    const [one, two] = [await this.#ground.server(kind, 'from'), await this.#ground.server(kind, 'to')];
    const remotes = ['--remote', `one=${one.remote}`, '--remote', `two=${two.remote}`];
    const folder = await this.#ground.folder();
    const content = contentOf(90_000, 3);
    const file = `${folder}/file`;
    await writeFile(file, content);
    await link(file, `${folder}/hard`);
    await symlink('file', `${folder}/soft`);
    const spellings: readonly (readonly [string, string])[] = [
      [`one:${file}`, `one:${file}`],
      [`one:${file}`, `one:${folder}/./file`],
      [`one:${file}`, `one:${dirname(folder)}/${basename(folder)}/../${basename(folder)}/file`],
      [`one:${folder}/soft`, `one:${file}`],
      [`one:${file}`, `one:${folder}/soft`],
      [`one:${file}`, `two:${file}`],
      [`one:${file}`, file],
      [file, `one:${folder}/soft`],
      [`${folder}/hard`, `one:${file}`],
      [`one:${file}`, `${folder}/hard`],
    ];
    for (const [from, to] of spellings) {
      const ended = await runWords([...remotes, 'cp', '--chunk', '32K', from, to]);
      const fate = { shown: to, sources: [content], before: content, after: await readFile(file) };
      tally.judge(`${from} ${to}`, { ...ended, files: [fate] }, { statuses: [4], says: /same file/ });
      if (!fate.after.equals(content)) tally.fail(`${from} ${to}: the file lost its bytes`);
      await writeFile(file, content);
    }
    // Two hard links on one server, which tells no inodes: nothing can show that they are one, so the bytes must survive.
    const ended = await runWords([...remotes, 'cp', '--chunk', '32K', `one:${folder}/hard`, `one:${file}`]);
    const fate = { shown: `one:${file}`, sources: [content], before: content, after: await readFile(file) };
    tally.judge('hard links on the server', { ...ended, files: [fate] }, { statuses: [0, 4] });
    if (!fate.after.equals(content)) tally.fail('hard links on the server: the file lost its bytes');
  }

  async sizes(tally: Tally, journey: Journey): Promise<void> {
    const [chunk, whole] = [32 * 1024, 64 * 1024];
    const borders = [0, chunk, 2 * chunk, whole, 3 * chunk, 256 * 1024, 1024 * 1024];
    for (const sizeBytes of [...new Set(borders.flatMap((at) => [Math.max(0, at - 1), at, at + 1]))]) {
      tally.judge(`${sizeBytes} bytes`, await this.#ground.copy(journey, { sizeBytes }), { statuses: [0] });
    }
  }

  async sparse(tally: Tally, sizeBytes: number): Promise<void> {
    const prepare = ({ from }: { readonly from: string }) => truncate(from, sizeBytes);
    const words = ['--verify'];
    const real = { env: { NODE_OPTIONS: '--max-old-space-size=64' }, deadlineMs: 600_000 };
    const folder = await this.#ground.folder();
    const [from, to] = [`${folder}/from`, `${folder}/to`];
    const server = await this.#ground.server('serve');
    await writeFile(from, 'x');
    await prepare({ from });
    const ended = await runWords(['--remote', `from=${server.remote}`, 'cp', ...words, `from:${from}`, to], real);
    tally.check('sparse', ended.status, [ended.status === 0 ? undefined : ended.stderr]);
    await unlink(to);
  }

  async oddTimes(tally: Tally, journey: Journey): Promise<void> {
    for (const seconds of [-1_000, 4_102_444_800, 0.5]) {
      for (const words of [['-p'], ['-u']]) {
        const prepare = ({ from }: { readonly from: string }) => utimes(from, seconds, seconds);
        tally.judge(`${words} ${seconds}`, await this.#ground.copy(journey, { prepare, words }), { statuses: [0] });
      }
    }
  }
}

async function changeOf(change: string, path: string, states: Buffer[]): Promise<void> {
  await changes[change]?.(path);
  states.push(await readFile(path));
}

function expectedOf(change: string): Expectation {
  if (change === 'is replaced by a rename') return { statuses: [0, 6] };
  return { statuses: [6, 0], saysNot: /JSON/ };
}

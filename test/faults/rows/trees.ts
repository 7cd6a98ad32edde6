// F26, F28 to F34, F36 to F38: trees with something wrong in them, destinations of the wrong kind, and servers that are short of handles.

import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../helpers/temporaryDirectory.js';
import { asNobody, unavailable } from '../../helpers/unavailable.js';
import type { Tap } from '../FaultyStream.js';
import { faultProxy } from '../faultProxy.js';
import { type Ground, type Journey, nameOf, runWords, startServer } from '../Ground.js';
import type { Expectation, FileFate } from '../oracle.js';
import type { Row, Tally } from '../Row.js';

const run = promisify(execFile);
const noNobody = unavailable('setpriv', ...asNobody.slice(1), 'true');

const journeys: readonly Journey[] = (['serve', 'codex'] as const).flatMap((server) =>
  (['up', 'down', 'across'] as const).map((direction) => ({ direction, server })),
);

interface TreeFault {
  readonly id: string;
  readonly fault: string;
  /** Makes something wrong in the tree `root`, which holds the files 1 to 4, or in the destination `to`. */
  readonly prepare: (root: string, to: string) => Promise<unknown>;
  readonly expected: Expectation;
  readonly words?: readonly string[];
  /** Sees the messages of the first remote end. */
  readonly tap?: (root: string) => Tap;
  readonly wrapper?: readonly string[];
  readonly skip?: string | undefined;
  /** Names of the tree that are not files to be compared. */
  readonly except?: readonly string[];
}

const treeFaults: readonly TreeFault[] = [
  {
    id: 'F29',
    fault: 'a file that may not be read, in a tree',
    prepare: (root) => chmod(`${root}/2`, 0),
    expected: { statuses: [1], says: /permission denied/ },
    wrapper: asNobody,
    skip: noNobody,
  },
  {
    id: 'F31',
    fault: 'a FIFO and a socket in a tree',
    prepare: async (root) => {
      await run('mkfifo', [`${root}/fifo`]);
      await run('python3', ['-c', `import socket; socket.socket(socket.AF_UNIX).bind('${root}/sock')`]).catch(() => {});
    },
    expected: { statuses: [0], says: /fifo/ },
  },
  {
    id: 'F33',
    fault: 'a loop of links and a link to nothing',
    prepare: async (root) => {
      await symlink('.', `${root}/loop`);
      await symlink('nowhere', `${root}/dangling`);
    },
    // A released server lists no link that leads to nothing.
    expected: { statuses: [1], says: /loop/ },
  },
  {
    id: 'F34',
    fault: 'names of 255 bytes, with newline, ESC, -x, spaces',
    prepare: async (root) => {
      for (const name of ['n'.repeat(255), 'a\nb', 'e\x1b[31m', '-x', ' lead', 'ü\u0301', '%41', 'q?#'])
        await writeFile(`${root}/${name}`, name);
    },
    expected: { statuses: [0] },
  },
  {
    id: 'F34',
    fault: 'a name that is no UTF-8',
    prepare: (root) => writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), 'x'),
    expected: { statuses: [1], says: /f.*: (no such file|has a name that is not used)/ },
  },
  {
    id: 'F30',
    fault: 'a destination file that may not be written',
    prepare: async (_, to) => {
      await mkdir(`${to}/tree`);
      await writeFile(`${to}/tree/2`, 'old');
      await chmod(`${to}/tree/2`, 0o444);
    },
    expected: { statuses: [1], says: /permission denied/ },
    wrapper: asNobody,
    skip: noNobody,
    words: ['-T'],
  },
  {
    id: 'F32',
    fault: 'a FIFO in the place of a destination file',
    prepare: async (_, to) => {
      await mkdir(`${to}/tree`);
      await run('mkfifo', [`${to}/tree/2`]);
    },
    expected: { statuses: [1], says: /not a regular file/ },
    except: ['2'],
  },
  {
    id: 'F28',
    fault: 'a directory in the place of a destination file',
    prepare: (_, to) => mkdir(`${to}/tree/2`, { recursive: true }),
    expected: { statuses: [1], says: /is a directory/ },
    except: ['2'],
  },
  {
    id: 'F38',
    fault: 'every third request is answered "overloaded"',
    prepare: async () => {},
    // A request that was answered so was not run, and is made again.
    expected: { statuses: [0] },
    tap: () => everyThird({ code: -32001, message: 'Server overloaded; retry later.' }),
  },
  {
    id: 'F37',
    fault: 'no more than two handles at a time',
    // Too large to be copied without a handle.
    prepare: async (root) => {
      for (const name of ['d/5', 'd/6', 'd/7', 'd/8']) await writeFile(`${root}/${name}`, sourceOf(name, 300_000));
    },
    expected: { statuses: [0] },
    tap: () => atMostTwoHandles(),
  },
];

export function treeRows(ground: Ground): Row[] {
  const trees = new Trees(ground);
  return [
    ...treeFaults.flatMap((one) =>
      journeys
        // Who is nobody cannot be so behind a server of somebody.
        .filter(
          ({ direction }) =>
            one.wrapper === undefined || (one.id === 'F29' ? direction === 'up' : direction === 'down'),
        )
        .map((journey) => ({
          id: one.id,
          fault: one.fault,
          where: `${nameOf(journey)} tree`,
          skip: one.skip,
          run: (tally: Tally) => trees.copy(tally, journey, one),
        })),
    ),
    ...journeys.map((journey) => ({
      id: 'F26',
      fault: 'a file vanishes behind the listing, each message',
      where: `${nameOf(journey)} tree`,
      run: (tally: Tally) => trees.vanishing(tally, journey),
    })),
    ...journeys.map((journey) => ({
      id: 'F36',
      fault: 'at most 40 descriptors, 60 files',
      where: `${nameOf(journey)} tree`,
      skip: unavailable('prlimit', '--version'),
      run: (tally: Tally) => trees.fewDescriptors(tally, journey),
    })),
  ];
}

class Trees {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async copy(tally: Tally, journey: Journey, one: TreeFault, count = 4): Promise<void> {
    await using open = await temporaryDirectory();
    // Only the owner gets into the folders of the ground, and that is not the one who copies here.
    if (one.wrapper !== undefined) await chmod(open.path, 0o755);
    const [root, to] = [open.join('tree'), open.join('to')];
    await mkdir(to);
    const names = await makeTree(root, count);
    await one.prepare(root, to);
    const before = await contents(`${to}/tree`, names);
    if (one.wrapper !== undefined) await run('chown', ['-R', '65534:65534', root, to]);
    const [from, target] = [
      await this.#ground.server(journey.server, 'from'),
      await this.#ground.server(journey.server, 'to'),
    ];
    const reached = journey.direction === 'up' ? target : from;
    await using proxy = await faultProxy({ target: reached.remote, tap: one.tap?.(root) });
    const fromWord = journey.direction === 'up' ? root : `from:${root}`;
    const toWord = journey.direction === 'down' ? `${to}/tree` : `to:${to}/tree`;
    const [fromUrl, toUrl] = journey.direction === 'up' ? [from.remote, proxy.url] : [proxy.url, target.remote];
    const words = ['--remote', `from=${fromUrl}`, '--remote', `to=${toUrl}`, 'cp', '-r', '-T', fromWord, toWord];
    const ended = await runWords(words, one.wrapper === undefined ? undefined : { wrapper: one.wrapper });
    const after = await contents(`${to}/tree`, names);
    const files: FileFate[] = names
      .filter((name) => one.except?.includes(name) !== true)
      .map((name) => ({
        shown: `${toWord}/${name}`,
        sources: [sourceOf(name)],
        before: before.get(name),
        after: after.get(name),
      }));
    tally.judge(one.fault, { ...ended, files }, one.expected);
  }

  /** File 3 is removed when a message to the source's server passes, each in turn; a local source has its own listing. */
  async vanishing(tally: Tally, journey: Journey): Promise<void> {
    for (let message = 1; message <= 8; message++) {
      const tap =
        (root: string): Tap =>
        async ({ direction, number }) => {
          if (direction === 'up' && number === message) await unlink(`${root}/3`).catch(() => {});
          return undefined;
        };
      const expected = { statuses: [0, 1] };
      const fault = `vanishes at ${message}`;
      await this.copy(tally, journey, { id: 'F26', fault, prepare: async () => {}, expected, tap, except: ['3'] });
    }
  }

  async fewDescriptors(tally: Tally, journey: Journey): Promise<void> {
    await using server = await startServer(journey.server, 'ws', ['prlimit', '--nofile=40']);
    const [root, to] = [`${await this.#ground.folder()}/tree`, await this.#ground.folder()];
    const names = await makeTree(root, 60, 300_000);
    const [fromWord, toWord] = [
      journey.direction === 'up' ? root : `box:${root}`,
      journey.direction === 'down' ? `${to}/tree` : `box:${to}/tree`,
    ];
    const wrapper = journey.direction === 'across' ? [] : ['prlimit', '--nofile=40'];
    const words = ['--remote', `box=${server.remote}`, 'cp', '-r', '-T', '-j', '60', fromWord, toWord];
    const ended = await runWords(words, { wrapper });
    const after = await contents(`${to}/tree`, names);
    const files = names.map((name) => ({
      shown: `${toWord}/${name}`,
      sources: [sourceOf(name, 300_000)],
      before: undefined,
      after: after.get(name),
    }));
    tally.judge('40 descriptors', { ...ended, files }, { statuses: [0, 1, 8] });
  }
}

function sourceOf(name: string, sizeBytes = 700): Buffer {
  return Buffer.alloc(sizeBytes, name);
}

/** Makes the files 1 to `count` in `root`, half of them in a folder. */
async function makeTree(root: string, count: number, sizeBytes = 700): Promise<string[]> {
  await mkdir(`${root}/d`, { recursive: true });
  const names = Array.from({ length: count }, (_, i) => (i % 2 === 0 || count === 4 ? `${i + 1}` : `d/${i + 1}`));
  for (const name of names) await writeFile(`${root}/${name}`, sourceOf(name, sizeBytes));
  return names;
}

async function contents(root: string, names: readonly string[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const name of names) {
    const path = `${root}/${name}`;
    // To open a FIFO would be to wait for its writer.
    const isFile = await stat(path)
      .then((stats) => stats.isFile())
      .catch(() => false);
    if (isFile) found.set(name, await readFile(path));
  }
  return found;
}

function requestOf(text: string): { readonly id?: number; readonly method?: string } {
  return JSON.parse(text) as { id?: number; method?: string };
}

/** Answers every third request about files with `error`. */
function everyThird(error: object): Tap {
  let count = 0;
  return ({ direction, text }) => {
    if (direction === 'down') return undefined;
    const { id, method = '' } = requestOf(text);
    return id !== undefined && method.startsWith('fs/') && ++count % 3 === 0 ? { answer: { id, error } } : undefined;
  };
}

/** Refuses every opening while two handles are open, in the words of a released server. */
function atMostTwoHandles(): Tap {
  let openCount = 0;
  const error = { code: -32600, message: 'at most 2 file handles may be open per connection' };
  return ({ direction, text }) => {
    if (direction === 'down') return undefined;
    const { id, method = '' } = requestOf(text);
    if (/\bclose$/i.test(method)) openCount--;
    if (!/\bopen$/i.test(method)) return undefined;
    if (openCount >= 2) return { answer: { id, error } };
    openCount++;
    return undefined;
  };
}

// A tree as a sequence of items and jobs, over simulated file systems; and the pieces that do many jobs at a time.

import * as assert from 'uvu/assert';
import { CodexfsError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { type TreeJob, treeJobs } from '../../src/transfer/copyTree.js';
import { TransferError } from '../../src/transfer/Endpoint.js';
import { FilesInFlight } from '../../src/transfer/FilesInFlight.js';
import { forEachInParallel, mapInParallel } from '../../src/transfer/inParallel.js';
import { takeAhead } from '../../src/transfer/takeAhead.js';
import { type WalkItem, type WalkOptions, walkTree } from '../../src/transfer/walk.js';
import { checkAtRest, failureOf, serverOf } from '../helpers/copying.js';
import { describe, rejection } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour } from '../helpers/simulatedFileSystem.js';

/** Files below /t, each with its directories. */
function diskOf(...paths: string[]): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.makeDirectory('/t', { recursive: true });
  for (const path of paths) {
    const directory = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    disk.makeDirectory(`/t/${directory}`, { recursive: true });
    if (!path.endsWith('/')) disk.put(`/t/${path}`, Buffer.from(path));
  }
  return disk;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function shown(item: WalkItem): string {
  const path = item.names.join('/');
  if (item.type === 'entry') return item.kind === 'directory' ? `${path}/` : path;
  return `${path}: ${item.type === 'skipped' ? item.reason : item.error.code}`;
}

async function walked(disk: SimulatedDisk, options: Partial<WalkOptions> = {}, behaviour: Behaviour = {}) {
  const { system } = serverOf(disk, 'box', behaviour);
  const items = await all(walkTree(system, '/t', { links: 'follow', ...options }));
  checkAtRest(system);
  return items.map(shown);
}

describe('walkTree', (test) => {
  test('yields directories before what they hold, in the order of their names', async () => {
    assert.equal(await walked(diskOf('b/x', 'a', 'b/c/y', 'e/')), ['a', 'b/', 'e/', 'b/c/', 'b/x', 'b/c/y']);
  });

  test('goes down before it goes on, so that few directories wait however many there are', async () => {
    const { system } = serverOf(diskOf(), 'box');
    // A tree of pairs without end.
    system.list = async () => ['a', 'b'].map((name) => ({ name, kind: 'directory' as const, isSymlink: false }));
    let deepest = 0;
    let count = 0;
    for await (const { names } of walkTree(system, '/t', { links: 'follow' })) {
      deepest = Math.max(deepest, names.length);
      if (++count === 2_000) break;
    }
    assert.ok(deepest > 50, `${deepest} deep after 2 000 directories; level by level it would be 10`);
  });

  test('asks for no listing below the depth that is wanted', async () => {
    const { system } = serverOf(diskOf('a/b/c', 'd'), 'box');
    const items = await all(walkTree(system, '/t', { links: 'follow', maxDepth: 2 }));
    assert.equal(items.map(shown), ['a/', 'd', 'a/b/']);
    assert.is(system.countOf('list'), 2);
  });

  for (const hidesLinks of [false, true]) {
    const links = () => {
      const disk = diskOf('d/a');
      disk.links.set('/t/d/up', '/t');
      disk.links.set('/t/file', '/t/d/a');
      disk.links.set('/t/nowhere', '/t/none');
      return disk;
    };
    const said = hidesLinks ? 'where the server does not say what is a link' : 'where the server says what is a link';

    test(`follows links, and reports loops and links that lead nowhere, ${said}`, async () => {
      const expected = ['d/', 'file', 'nowhere: not_found', 'd/a', 'd/up: symlink_loop'];
      assert.equal(await walked(links(), {}, { hidesLinks }), expected);
    });
    test(`passes links over when asked to, ${said}`, async () => {
      const items = await walked(links(), { links: 'skip' }, { hidesLinks });
      assert.equal(items.slice(0, 2), ['d/', 'file: link']);
      assert.equal(items.slice(-2), ['d/a', 'd/up: link']);
    });
  }

  test('reports a directory that cannot be read, and goes on', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'list' && path === '/t/a') throw new FileError('permission_denied', 'list', path, 'no');
    };
    assert.equal(await walked(diskOf('a/x', 'b/y'), {}, { before }), ['a/', 'b/', 'a: permission_denied', 'b/y']);
  });

  test('reports a directory whose real path cannot be found, and does not enter it', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'canonicalize' && path === '/t/a') throw new FileError('permission_denied', 'x', path, 'no');
    };
    const items = await walked(diskOf('a/x', 'b/y'), {}, { before, hidesLinks: true });
    assert.equal(items, ['a: permission_denied', 'b/', 'b/y']);
  });

  test('goes by names where the server cannot follow links', async () => {
    const items = await walked(diskOf('a/x', 'b'), {}, { cannotCanonicalize: true, hidesLinks: true });
    assert.equal(items, ['a/', 'b', 'a/x']);
  });

  test('takes what cannot be looked at for no link', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'stat' && path === '/t/a') throw new FileError('permission_denied', 'stat', path, 'no');
    };
    assert.equal(await walked(diskOf('a', 'b'), { links: 'skip' }, { before, hidesLinks: true }), ['a', 'b']);
  });

  test('takes no name that a server cannot tell for a link, and leaves nothing out without a word', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'stat' && path.includes('\ufffd')) throw new FileError('not_found', 'stat', path, 'none');
    };
    const items = await walked(diskOf('a', 'b\ufffd', 'c\ufffd/d'), { links: 'skip' }, { before, hidesLinks: true });
    assert.equal(items, ['a', 'b\ufffd: unsafe_name', 'c\ufffd: unsafe_name']);
  });

  for (const lostAt of ['stat', 'canonicalize', 'list'] as const) {
    test(`ends when the server is lost at ${lostAt}`, async () => {
      const before: Behaviour['before'] = ({ operation, path }) => {
        if (operation === lostAt && path === '/t/d') throw new ConnectionClosedError('the line was cut');
      };
      const links = lostAt === 'stat' ? 'skip' : 'follow';
      await rejection(walked(diskOf('d/'), { links }, { before, hidesLinks: true }), ConnectionClosedError);
    });
  }

  test('fails when the root cannot be read', async () => {
    const { system } = serverOf(new SimulatedDisk(), 'box');
    assert.is((await rejection(all(walkTree(system, '/t', { links: 'follow' })), CodexfsError)).code, 'not_found');
  });

  test('does not enter what is not wanted', async () => {
    const isWanted = (names: readonly string[]) => names.at(-1) !== 'b';
    assert.equal(await walked(diskOf('a/x', 'b/y', 'a/b'), { isWanted }), ['a/', 'a/x']);
  });

  test('goes 100 directories deep', async () => {
    const path = Array.from({ length: 100 }, (_, depth) => `d${depth}`).join('/');
    const items = await walked(diskOf(`${path}/file`));
    assert.is(items.at(-1), `${path}/file`);
    assert.is(items.length, 101);
  });

  test('lists 20 000 entries of one directory', async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => String(index).padStart(5, '0'));
    assert.is((await walked(diskOf(...names))).join(), names.join());
  });
});

function shownJob(job: TreeJob): string {
  if (job.type === 'failed') return `${job.error.about}: ${job.error.code}`;
  return job.type === 'skipped' ? `${job.from.shown}: ${job.reason}` : `${job.type} ${job.to.shown}`;
}

describe('treeJobs', (test) => {
  test('makes the directories, and leaves the files to be copied', async () => {
    const [from, to] = [serverOf(diskOf('a', 'd/b', 'e/'), 'one'), serverOf(new SimulatedDisk(), 'two')];
    const jobs = await all(treeJobs(from.at('/t'), to.at('/copy'), { links: 'follow' }));
    assert.equal(jobs.map(shownJob), [
      'file two:/copy/a',
      'directory two:/copy/d',
      'directory two:/copy/e',
      'file two:/copy/d/b',
    ]);
    assert.equal(to.disk.directories.sort(), ['/copy', '/copy/d', '/copy/e']);
  });

  test('has no jobs below a directory that cannot be made', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'makeDirectory' && path === '/copy/d')
        throw new FileError('permission_denied', 'mkdir', path, 'no');
    };
    const [from, to] = [serverOf(diskOf('d/e/b', 'f'), 'one'), serverOf(new SimulatedDisk(), 'two', { before })];
    const jobs = await all(treeJobs(from.at('/t'), to.at('/copy'), { links: 'follow' }));
    assert.equal(jobs.map(shownJob), ['two:/copy/d: permission_denied', 'file two:/copy/f']);
  });

  for (const moment of ['before', 'after'] as const) {
    test(`asks again for a directory when the answer was lost ${moment} it was made`, async () => {
      const lose: Behaviour['before'] = ({ operation, path, count }) => {
        if (operation === 'makeDirectory' && path === '/copy/d' && count === 2) throw new ConnectionClosedError('lost');
      };
      const disk = new SimulatedDisk();
      const [from, to] = [serverOf(diskOf('d/a'), 'one'), serverOf(disk, 'two', { [moment]: lose })];
      const jobs = await all(treeJobs(from.at('/t'), to.at('/copy'), { links: 'follow' }));
      assert.equal(jobs.map(shownJob), ['directory two:/copy/d', 'file two:/copy/d/a']);
      // Perhaps there before, so what is in it is looked at.
      assert.ok(jobs.some((job) => job.type === 'file' && job.isNew === false));
    });
  }

  for (const code of ['connection_closed', 'protocol_violation'] as const) {
    test(`ends with the first directory that was not answered for: ${code}`, async () => {
      const before: Behaviour['before'] = ({ operation, path }) => {
        if (operation === 'makeDirectory' && path !== '/copy') throw new CodexfsError(code, 'no answer');
      };
      const [from, to] = [serverOf(diskOf('d/', 'e/'), 'one'), serverOf(new SimulatedDisk(), 'two', { before })];
      const error = await failureOf(all(treeJobs(from.at('/t'), to.at('/copy'), { links: 'follow' })));
      assert.equal([error.code, error.about], [code, 'two:/copy/d']);
    });
  }

  test('fails when the destination itself cannot be made', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'makeDirectory') throw new FileError('already_exists', 'mkdir', path, 'there');
    };
    const [from, to] = [serverOf(diskOf('a'), 'one'), serverOf(new SimulatedDisk(), 'two', { before })];
    const error = await failureOf(all(treeJobs(from.at('/t'), to.at('/copy'), { links: 'follow' })));
    assert.equal([error.code, error.side], ['not_directory', 'destination']);
  });
});

describe('work in parallel', (test) => {
  test('has no more under way than it may, and keeps the order of results', async () => {
    let [underWay, most] = [0, 0];
    const double = async (value: number) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return value * 2;
    };
    assert.equal(await mapInParallel([1, 2, 3, 4, 5, 6, 7], 3, double), [2, 4, 6, 8, 10, 12, 14]);
    assert.is(most, 3);
  });

  test('ends with the first failure, after what is under way', async () => {
    const seen: number[] = [];
    const work = async (value: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(value);
      if (value === 2) throw new Error('two');
    };
    const error = await rejection(forEachInParallel([1, 2, 3, 4, 5, 6], 2, work));
    assert.is(error.message, 'two');
    assert.ok(seen.length < 6);
  });
});

describe('takeAhead', (test) => {
  test('yields everything in order and takes no more than it may in advance', async () => {
    let [taken, given, most] = [0, 0, 0];
    async function* numbers() {
      for (let number = 0; number < 50; number++) {
        taken++;
        most = Math.max(most, taken - given);
        yield number;
      }
    }
    for await (const number of takeAhead(numbers(), 5)) assert.is(number, given++);
    assert.is(given, 50);
    assert.ok(most > 1 && most <= 7, `${most} were held`);
  });

  test('fails where its source fails, after what came before', async () => {
    async function* source() {
      yield 1;
      throw new Error('no more');
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of takeAhead(source(), 5)) seen.push(item);
    })();
    assert.is((await rejection(reading)).message, 'no more');
    assert.equal(seen, [1]);
  });

  test('ends its source when it is ended', async () => {
    let isOver = false;
    async function* source() {
      try {
        for (;;) yield 1;
      } finally {
        isOver = true;
      }
    }
    for await (const _ of takeAhead(source(), 3)) break;
    assert.ok(isOver);
  });
});

const always = (count: number) => ({ first: count, most: count });

describe('FilesInFlight', (test) => {
  /** How many of `count` files were in flight at most, where each takes `ms` and the farther end is `roundTripMs` away. */
  const mostOf = async (files: FilesInFlight, count: number, ms: number, roundTripMs: number) => {
    let [open, most] = [0, 0];
    const copy = async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, ms));
      open--;
    };
    await Promise.all(Array.from({ length: count }, () => files.run(copy, () => roundTripMs)));
    return most;
  };

  test('takes more and more files that wait for nothing but the distance, up to the most', async () => {
    assert.is(await mostOf(new FilesInFlight({ first: 2, most: 20 }), 100, 20, 1_000), 20);
  });

  test('takes no more files that wait for the line, that are near, or that the user counted', async () => {
    assert.is(await mostOf(new FilesInFlight({ first: 2, most: 20 }), 10, 20, 0.4), 2);
    assert.is(await mostOf(new FilesInFlight({ first: 2, most: 20 }), 10, 20, 0), 2);
    assert.is(await mostOf(new FilesInFlight(always(2)), 10, 20, 1_000), 2);
  });

  test('returns to as many as at first when files begin to wait for the line', async () => {
    const files = new FilesInFlight({ first: 2, most: 20 });
    await mostOf(files, 20, 20, 1_000);
    assert.is(files.limit, 20);
    await mostOf(files, 30, 20, 0.4);
    assert.is(files.limit, 2);
  });

  test('shares the window among the files that are in flight', async () => {
    const files = new FilesInFlight(always(4), 1_000);
    const shares: number[] = [];
    const copy = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      shares.push(files.shareBytes());
    };
    await Promise.all([copy, copy, copy].map((one) => files.run(one)));
    assert.equal(shares, [333, 500, 1_000]);
  });

  test('finishes all of 40 files on a server that takes three at a time', async () => {
    const files = new FilesInFlight({ first: 16, most: 40 });
    let [open, refused] = [0, 0];
    const copy = async () => {
      if (open >= 3) {
        refused++;
        throw new CodexfsError('too_many_open_files', 'at most 3 file handles');
      }
      open++;
      await new Promise((resolve) => setImmediate(resolve));
      open--;
    };
    await Promise.all(Array.from({ length: 40 }, () => files.run(copy)));
    assert.is(files.limit, 3);
    await mostOf(files, 4, 20, 1_000);
    assert.is(files.limit, 3);
    assert.ok(refused <= 13, `${refused} opens were refused`);
  });

  for (const [state, attempts] of [
    ['intact', 2],
    ['partial', 1],
  ] as const) {
    test(`tries ${attempts === 1 ? 'not again' : 'again'} what a full server left ${state}`, async () => {
      const files = new FilesInFlight(always(8));
      let finish: () => void = () => {};
      const other = files.run(() => new Promise<void>((resolve) => (finish = resolve)));
      let tries = 0;
      const copying = files.run(async () => {
        if (++tries > 1) return;
        queueMicrotask(finish);
        const cause = new CodexfsError('too_many_open_files', 'at most 1 file handle');
        const partial = { shown: 'b', state, bytes: 0, totalBytes: undefined };
        throw new TransferError({ from: 'a', to: 'b', side: 'destination', partial, cause });
      });
      if (state === 'intact') await copying;
      else await rejection(copying, TransferError);
      await other;
      assert.is(tries, attempts);
    });
  }

  test('does not take a file that is too large for a server that is full', async () => {
    const files = new FilesInFlight(always(8));
    const tooLarge = async () => {
      throw new CodexfsError('limit_exceeded', 'only whole files of up to 47 MiB');
    };
    await Promise.all([files.run(async () => {}), rejection(files.run(tooLarge))]);
    assert.is(files.limit, 8);
  });

  test('does not try again what fails alone', async () => {
    let tries = 0;
    const copy = async () => {
      tries++;
      throw new CodexfsError('too_many_open_files', 'at most 0 file handles');
    };
    await rejection(new FilesInFlight(always(8)).run(copy));
    assert.is(tries, 1);
  });
});

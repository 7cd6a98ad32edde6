// Ten seconds of another process that swaps a directory for a link out of the tree, against a recursive download and against
// `--root`. The same runs with the guard left out show that the race is real.

import { mkdir, readdir } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { ConfinedFileSystem } from '../../../src/fs/ConfinedFileSystem.js';
import type { FileSystem } from '../../../src/fs/FileSystem.js';
import { LocalFileSystem } from '../../../src/fs/LocalFileSystem.js';
import { RootedFileSystem } from '../../../src/server/RootedFileSystem.js';
import { copyFile } from '../../../src/transfer/copyFile.js';
import { treeJobs } from '../../../src/transfer/copyTree.js';
import { TransferError } from '../../../src/transfer/Endpoint.js';
import { endpoint } from '../../helpers/copying.js';
import { describe } from '../../helpers/describe.js';
import { type FlippingLink, flippingLink } from '../../helpers/flippingLink.js';
import { temporaryDirectory } from '../../helpers/temporaryDirectory.js';
import { makeTree } from '../../helpers/treeOf.js';

const raceMs = 10_000;

interface Race extends AsyncDisposable {
  readonly from: string;
  /** Holds the directory `d` that flips. */
  readonly to: string;
  readonly flipper: FlippingLink;
  /** What got out. */
  escaped(): Promise<string[]>;
}

async function race(): Promise<Race> {
  const place = await temporaryDirectory();
  const [from, to, outside] = [place.join('from'), place.join('to'), place.join('outside')];
  await makeTree(from, Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`d/f${index}`, 'content'])));
  await makeTree(from, { 'd/sub/g': 'content', 'd/empty/': '' });
  await mkdir(`${to}/d`, { recursive: true });
  await mkdir(outside);
  const flipper = await flippingLink(`${to}/d`, outside);
  return {
    from,
    to,
    flipper,
    escaped: () => readdir(outside),
    async [Symbol.asyncDispose]() {
      await flipper[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Runs `round` again and again until the time is over or something got out; how many rounds did all that they should. */
async function untilOver({ escaped }: Race, round: () => Promise<boolean>): Promise<number> {
  const endsAt = performance.now() + raceMs;
  let wholeRounds = 0;
  while (performance.now() < endsAt && (await escaped()).length === 0) if (await round()) wholeRounds++;
  return wholeRounds;
}

/** Copies the tree once. Whether all of it arrived; any failure must be one that a user can be told of. */
async function copyTree({ from, to }: Race, fileSystem: FileSystem): Promise<boolean> {
  const target = endpoint(fileSystem, to, 'here');
  let isWhole = true;
  for await (const job of treeJobs(endpoint(new LocalFileSystem(), from, 'there'), target, { links: 'follow' })) {
    if (job.type === 'failed') isWhole = false;
    if (job.type !== 'file') continue;
    await copyFile(job.from, job.to).catch((error: unknown) => {
      if (!(error instanceof TransferError)) throw error;
      isWhole = false;
    });
  }
  return isWhole;
}

/** As a server's client does it: each answered or refused. */
async function writeBelow({ to }: Race, fileSystem: FileSystem): Promise<boolean> {
  const work = [
    fileSystem.openWrite(`${to}/d/f`).then((file) => file.close()),
    fileSystem.makeDirectory(`${to}/d/sub`, { recursive: true }),
    fileSystem.remove(`${to}/d/sub`, { recursive: true, force: true }),
  ];
  const outcomes = await Promise.allSettled(work);
  return outcomes.every(({ status }) => status === 'fulfilled');
}

describe('a directory that is a link every other moment', (test) => {
  const options = { timeoutMs: 3 * raceMs };

  test(
    'leads no file of a recursive copy out of its destination',
    async () => {
      await using here = await race();
      let wholeRounds = 0;
      const endsAt = performance.now() + raceMs;
      while (performance.now() < endsAt && (await here.escaped()).length === 0) {
        // One for each copy, as a run of the program has one.
        await using confined = new ConfinedFileSystem(here.to);
        if (await copyTree(here, confined)) wholeRounds++;
      }
      assert.equal(await here.escaped(), []);
      assert.ok(here.flipper.flips >= 10_000, `${here.flipper.flips} flips`);
      assert.ok(wholeRounds > 0, 'no copy was whole');
    },
    options,
  );

  test(
    'leads files of an unguarded copy out',
    async () => {
      await using here = await race();
      await untilOver(here, () => copyTree(here, new LocalFileSystem()));
      assert.is.not((await here.escaped()).length, 0);
    },
    options,
  );

  test(
    'leads no client of `--root` out of it',
    async () => {
      await using here = await race();
      await using rooted = await RootedFileSystem.open(here.to);
      const wholeRounds = await untilOver(here, () => writeBelow(here, rooted));
      assert.equal(await here.escaped(), []);
      assert.ok(here.flipper.flips >= 10_000, `${here.flipper.flips} flips`);
      assert.ok(wholeRounds > 0, 'nothing was done');
    },
    options,
  );

  test(
    'leads clients out of a root that is only a prefix',
    async () => {
      await using here = await race();
      await untilOver(here, () => writeBelow(here, new LocalFileSystem()));
      assert.is.not((await here.escaped()).length, 0);
    },
    options,
  );
});

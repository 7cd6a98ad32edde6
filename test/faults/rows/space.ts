// F17 to F20, F51 and F59: disks without room, files that may not grow, and file systems that take nothing.

import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { unavailable } from '../../helpers/unavailable.js';
import { forEachOf } from '../forEachOf.js';
import { type CopyOptions, type Ground, type Journey, nameOf, oldBytes, smallSize, startServer } from '../Ground.js';
import type { Expectation } from '../oracle.js';
import type { Row, Tally } from '../Row.js';
import { spread } from '../random.js';
import { noSmallDisk, pageBytes, type SmallDisk, smallDisk } from '../SmallDisk.js';

const run = promisify(execFile);
const noLimits = unavailable('prlimit', '--version');

const destinations: readonly Journey[] = [
  { direction: 'down', server: 'serve' },
  { direction: 'down', server: 'codex' },
  { direction: 'up', server: 'serve' },
  { direction: 'up', server: 'blocks' },
  { direction: 'up', server: 'codex' },
  { direction: 'across', server: 'serve' },
  { direction: 'across', server: 'codex' },
];

const full: Expectation = { statuses: [9], says: /no space left on device/ };

export function spaceRows(ground: Ground): Row[] {
  const space = new Space(ground);
  const row = (id: string, fault: string, journey: Journey, skip: string | undefined, run: Row['run']): Row => ({
    ...{ id, fault, where: nameOf(journey), skip, run },
  });
  return [
    ...destinations.map((journey) =>
      row(journey.direction === 'down' ? 'F17' : 'F18', 'disk full', journey, noSmallDisk, (tally) =>
        space.full(tally, journey),
      ),
    ),
    ...destinations.map((journey) => {
      const count = isMain(journey) ? 257 : 33;
      return row('F19', `a disk of ${count} sizes around that of the file`, journey, noSmallDisk, (tally) =>
        space.sizes(tally, journey, count),
      );
    }),
    row('F20', 'RLIMIT_FSIZE at 64 sizes around the file', { direction: 'down', server: 'serve' }, noLimits, (tally) =>
      space.limitedClient(tally, { direction: 'down', server: 'serve' }),
    ),
    row('F20', 'RLIMIT_FSIZE at 256 sizes around the file', { direction: 'up', server: 'serve' }, noLimits, (tally) =>
      space.limitedServer(tally, { direction: 'up', server: 'serve' }),
    ),
    row('F20', 'RLIMIT_FSIZE kills the server (SIGXFSZ)', { direction: 'up', server: 'codex' }, noLimits, (tally) =>
      space.killedServer(tally, { direction: 'up', server: 'codex' }),
    ),
    ...destinations.map((journey) =>
      row('F51', 'a read-only file system', journey, noSmallDisk, (tally) => space.readOnly(tally, journey)),
    ),
    ...destinations.map((journey) =>
      row('F19', 'a disk of 13 sizes around that of a small file', journey, noSmallDisk, (tally) =>
        space.sizes(tally, journey, 13, smallSize),
      ),
    ),
    ...destinations.map((journey) =>
      row('F59', 'no inode left', journey, noSmallDisk, (tally) => space.noInode(tally, journey)),
    ),
  ];
}

/** The two directions to the two servers that there are; the rest is made of the same parts. */
function isMain({ direction, server }: Journey): boolean {
  return direction === 'up' ? server !== 'blocks' : direction === 'down' && server === 'serve';
}

class Space {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async full(tally: Tally, journey: Journey): Promise<void> {
    await using disk = await smallDisk('size=1m');
    for (const hasOld of [false, true]) {
      await this.#onto(tally, journey, disk, { sizeBytes: 3_000_000, hasOld, chunk: '256K', real: {} }, full);
    }
  }

  async sizes(tally: Tally, journey: Journey, count: number, sizeBytes = 600_000): Promise<void> {
    const pages = Math.ceil(sizeBytes / pageBytes);
    await using disk = await smallDisk('size=4m');
    for (const size of spread(pages - (count >> 1), pages + (count >> 1), count)) {
      await disk.remount(`size=${size * pageBytes}`);
      const expected = size < pages ? full : { statuses: [0] };
      await this.#onto(
        tally,
        journey,
        disk,
        { sizeBytes, hasOld: size % 2 === 0 && size * pageBytes > oldBytes, chunk: '100K' },
        expected,
      );
    }
  }

  async readOnly(tally: Tally, journey: Journey): Promise<void> {
    await using disk = await smallDisk();
    for (const hasOld of [false, true]) {
      const prepare = () => disk.remount('ro');
      const expected = { statuses: [9], says: /read-only file system/ };
      await this.#onto(tally, journey, disk, { hasOld, prepare, real: {} }, expected);
      await disk.remount('rw');
    }
  }

  async noInode(tally: Tally, journey: Journey): Promise<void> {
    await using disk = await smallDisk('nr_inodes=1');
    await this.#onto(tally, journey, disk, { real: {} }, full);
  }

  /** The program itself below the limit, byte by byte near the file's end. */
  async limitedClient(tally: Tally, journey: Journey): Promise<void> {
    const sizeBytes = 90_000;
    await forEachOf(spread(sizeBytes - 40, sizeBytes + 23, 64), 2, async (limit) => {
      const wrapper = ['prlimit', `--fsize=${limit}`];
      const expected = limit < sizeBytes ? { statuses: [9], says: /file too large/ } : { statuses: [0] };
      tally.judge(`limit ${limit}`, await this.#ground.copy(journey, { sizeBytes, real: { wrapper } }), expected);
    });
  }

  /** A server whose limit is changed from run to run. */
  async limitedServer(tally: Tally, journey: Journey): Promise<void> {
    const sizeBytes = 90_000;
    await using server = await startServer('serve', 'ws');
    for (const limit of [
      ...spread(sizeBytes - 8_192, sizeBytes - 65, 128),
      ...spread(sizeBytes - 64, sizeBytes + 63, 128),
    ]) {
      await run('prlimit', ['--pid', String(server.pid), `--fsize=${limit}:unlimited`]);
      const expected = limit < sizeBytes ? { statuses: [9], says: /file too large/ } : { statuses: [0] };
      tally.judge(`limit ${limit}`, await this.#ground.copy(journey, { sizeBytes, servers: { to: server } }), expected);
    }
  }

  /** What does not ignore SIGXFSZ dies of it; its client has lost the connection. */
  async killedServer(tally: Tally, journey: Journey): Promise<void> {
    for (const limit of [1, 20_000, 89_999]) {
      await using server = await startServer(journey.server, 'ws', ['prlimit', `--fsize=${limit}`]);
      const options = { servers: { to: server }, isServerLost: true, hasOld: true };
      tally.judge(`limit ${limit}`, await this.#ground.copy(journey, options), { statuses: [9, 10] });
    }
  }

  async #onto(tally: Tally, journey: Journey, disk: SmallDisk, options: CopyOptions, expected: Expectation) {
    const run = await this.#ground.copy(journey, { ...options, folders: { to: disk.path } });
    tally.judge(JSON.stringify(options), run, expected);
    for (const { shown } of run.files) await rm(shown.replace(/^to:/, ''), { force: true }).catch(() => {});
  }
}

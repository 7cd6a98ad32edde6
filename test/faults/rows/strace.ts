// The n-th system call of the real program fails: the truth behind the injected ones. Some 0.9 s a run, so
// a few runs belong to every run of the faults, and all of them to the long one.

import { readFile } from 'node:fs/promises';
import { unavailable } from '../../helpers/unavailable.js';
import { type Ground, type Journey, nameOf } from '../Ground.js';
import type { Expectation } from '../oracle.js';
import type { Row, Tally } from '../Row.js';

const noStrace = unavailable('strace', '-o', '/dev/null', '-e', 'inject=write:error=EIO:when=99', 'true');

/** Calls on the file of each side, by their names on Linux. */
const sourceCalls = ['openat', 'pread64', 'statx', 'close'];
const destinationCalls = ['openat', 'pwrite64', 'write', 'ftruncate', 'statx', 'close'];
const errnos = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'EINTR', 'EDQUOT', 'ENOENT', 'EROFS'];

const anyFailure: Expectation = { statuses: [0, 1, 3, 4, 5, 6, 8, 9, 10] };

export function straceRows(ground: Ground): Row[] {
  const traced = new Traced(ground);
  const row = (id: string, fault: string, journey: Journey, isLong: boolean, run: Row['run']): Row => ({
    ...{ id, fault, where: `${nameOf(journey)} strace`, skip: noStrace, isLong, run },
  });
  const down: Journey = { direction: 'down', server: 'serve' };
  const up: Journey = { direction: 'up', server: 'serve' };
  return [
    row('F21', 'the 2nd write fails: EDQUOT, EIO', down, false, (tally) =>
      traced.each(tally, down, 'to', 'pwrite64', ['EDQUOT', 'EIO'], 2, { statuses: [9] }),
    ),
    row('F22', 'the 2nd read fails: EIO', up, false, (tally) =>
      traced.each(tally, up, 'from', 'pread64', ['EIO'], 2, { statuses: [1] }),
    ),
    ...[down, up].map((journey) =>
      row('Z15', 'the n-th call of the program fails', journey, true, (tally) => traced.program(tally, journey)),
    ),
  ];
}

class Traced {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** The calls on the end that is the program's own. */
  async program(tally: Tally, journey: Journey): Promise<void> {
    const [leg, calls] =
      journey.direction === 'up' ? (['from', sourceCalls] as const) : (['to', destinationCalls] as const);
    for (const call of calls) await this.each(tally, journey, leg, call, errnos, 1, anyFailure);
  }

  /** Strikes call `from`, the next, and so on, until there is none. */
  async each(
    tally: Tally,
    journey: Journey,
    leg: 'from' | 'to',
    call: string,
    which: readonly string[],
    from: number,
    expected: Expectation,
  ): Promise<void> {
    for (const errno of which) {
      for (let at = from; await this.#one(tally, journey, leg, `${call}:error=${errno}:when=${at}`, expected); at++);
    }
  }

  async #one(
    tally: Tally,
    journey: Journey,
    leg: 'from' | 'to',
    inject: string,
    expected: Expectation,
  ): Promise<boolean> {
    let log = '';
    const wrapper: string[] = [];
    const run = await this.#ground.copy(journey, {
      hasOld: tally.runs % 2 === 0,
      prepare: async (paths) => {
        const made = await this.#wrapper(inject, paths[leg]);
        log = made.log;
        wrapper.push(...made.wrapper);
      },
      real: { wrapper, env: oneThread },
    });
    const isStruck = (await readFile(log, 'utf8')).includes('INJECTED');
    tally.judge(inject, run, isStruck ? expected : { statuses: [0] });
    return isStruck;
  }

  async #wrapper(inject: string, path: string): Promise<{ readonly wrapper: string[]; readonly log: string }> {
    const log = `${await this.#ground.folder()}/strace`;
    const wrapper = ['strace', '-f', '-o', log, '-P', path, '-e', `inject=${inject}`];
    return { wrapper, log };
  }
}

/** Calls are counted for each thread. */
const oneThread = { UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' };

// F21 to F24 and the sweep over system calls: each kind of call fails with each errno, at its first, second, third … time, until a
// run in which it did not come to that. In this process, with a server in it; the long run does it to real ones too.

import { basename } from 'node:path';
import { serve } from '../../../src/server/serve.js';
import type { TestServer } from '../../helpers/servers.js';
import { type CopyOptions, type Ground, type Journey, type Leg, nameOf, small } from '../Ground.js';
import type { Expectation } from '../oracle.js';
import type { Row, Tally } from '../Row.js';
import { type Errno, type Injection, inject, type SyscallFault, type SyscallName } from '../syscalls.js';

const ways: readonly Journey[] = [
  { direction: 'down', server: 'serve' },
  { direction: 'up', server: 'serve' },
  { direction: 'across', server: 'serve' },
];

const errnos: readonly Errno[] = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'EINTR', 'EDQUOT', 'ENOENT', 'EROFS'];
const sourceCalls: readonly SyscallName[] = ['open', 'fstat', 'lstat', 'stat', 'read', 'close', 'realpath'];
const destinationCalls: readonly SyscallName[] = [
  'open',
  'fstat',
  'lstat',
  'stat',
  'truncate',
  'write',
  'close',
  'realpath',
];
const atomicCalls: readonly SyscallName[] = ['open', 'write', 'close', 'sync', 'rename'];

/** What may come of a call that fails: anything but success over other bytes, or an untrue report. */
const anyFailure: Expectation = { statuses: [0, 1, 3, 4, 5, 6, 8, 9, 10] };

/** A small file, and a fault that does not go away: what is done in one go is done again in steps when it fails. */
const struckSmall: StruckOptions = { ...small, isLasting: true };

type StruckOptions = CopyOptions & Pick<SyscallFault, 'isLasting'>;

export function syscallRows(ground: Ground): Row[] {
  const sweep = new SyscallSweep(ground);
  const rowsOf = (
    id: string,
    fault: string,
    run: (tally: Tally, journey: Journey) => Promise<void>,
    on = ways,
  ): Row[] =>
    on.map((journey) => ({ id, fault, where: `${nameOf(journey)} in process`, run: (tally) => run(tally, journey) }));
  return [
    ...rowsOf('F21', 'EDQUOT, EIO, EROFS on any write', (tally, journey) =>
      sweep.each(tally, journey, 'to', 'write', ['EDQUOT', 'EIO', 'EROFS'], { statuses: [9] }),
    ),
    ...rowsOf('F22', 'EIO, ESTALE on any read', (tally, journey) =>
      sweep.each(tally, journey, 'from', 'read', ['EIO', 'ESTALE'], { statuses: [1] }),
    ),
    ...rowsOf('F23', 'close fails', (tally, journey) =>
      sweep.each(tally, journey, 'to', 'close', ['EIO', 'ENOSPC', 'EDQUOT'], { statuses: [9] }),
    ),
    ...rowsOf(
      'F23',
      'fsync fails (--atomic)',
      (tally, journey) =>
        sweep.each(
          tally,
          journey,
          'to',
          'sync',
          ['EIO', 'ENOSPC', 'EDQUOT'],
          { statuses: [9] },
          { words: ['--atomic'] },
        ),
      [{ direction: 'down', server: 'serve' }],
    ),
    ...rowsOf('F24', 'reads and writes of 1, 7 and 5000 bytes', (tally, journey) => sweep.short(tally, journey)),
    ...rowsOf('F21', 'writes of a small file fail for good', (tally, journey) =>
      sweep.each(tally, journey, 'to', 'write', ['EDQUOT', 'EIO', 'ENOSPC'], { statuses: [9] }, struckSmall),
    ),
    ...rowsOf('F22', 'reads of a small file fail for good', (tally, journey) =>
      sweep.each(tally, journey, 'from', 'read', ['EIO', 'ESTALE'], { statuses: [1] }, struckSmall),
    ),
    ...rowsOf('Z15', 'the n-th call fails, a small file', (tally, journey) =>
      sweep.all(tally, journey, destinationCalls, small),
    ),
    ...rowsOf('Z15', 'all calls from the n-th on fail, a small file', (tally, journey) =>
      sweep.all(tally, journey, destinationCalls, struckSmall),
    ),
    ...rowsOf('Z15', 'the n-th call fails, 8 errnos', (tally, journey) => sweep.all(tally, journey)),
    ...rowsOf(
      'Z15',
      'the n-th call fails, --atomic',
      (tally, journey) => sweep.all(tally, journey, atomicCalls, { words: ['--atomic'] }),
      [{ direction: 'down', server: 'serve' }],
    ),
  ];
}

class SyscallSweep {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async all(tally: Tally, journey: Journey, calls = destinationCalls, options: StruckOptions = {}): Promise<void> {
    for (const call of sourceCalls) await this.each(tally, journey, 'from', call, errnos, anyFailure, options);
    for (const call of calls) await this.each(tally, journey, 'to', call, errnos, anyFailure, options);
  }

  /** The first, the second, the third … call fails, until there was no such call. */
  async each(
    tally: Tally,
    journey: Journey,
    leg: Leg,
    call: SyscallName,
    which: readonly Errno[],
    expected: Expectation,
    options: StruckOptions = {},
  ): Promise<void> {
    // An interrupted read is tried again, for ever if need be.
    for (const errno of which.filter((one) => one !== 'EINTR' || options.isLasting !== true)) {
      for (let at = 1; ; at++) {
        const isStruck = await this.#one(
          tally,
          journey,
          { call, on: leg, at, errno, isLasting: options.isLasting === true },
          expected,
          options,
        );
        if (!isStruck) break;
      }
    }
  }

  async short(tally: Tally, journey: Journey): Promise<void> {
    for (const [call, on] of [
      ['read', 'from'],
      ['write', 'to'],
    ] as const) {
      for (const [maxBytes, sizeBytes] of [
        [1, 300],
        [7, 4_000],
        [5_000, 90_000],
      ] as const) {
        await this.#one(tally, journey, { call, on, maxBytes }, { statuses: [0] }, { sizeBytes });
      }
    }
  }

  /** Resolves with whether the call came. */
  async #one(
    tally: Tally,
    journey: Journey,
    { on, ...fault }: Omit<SyscallFault, 'on'> & { readonly on: Leg },
    expected: Expectation,
    options: StruckOptions,
  ): Promise<boolean> {
    await using from = await serverHere();
    await using to = await serverHere();
    let injection: Injection | undefined;
    const run = await this.#ground.copy(journey, {
      hasOld: tally.runs % 2 === 0,
      servers: { from, to },
      prepare: (paths) => {
        // By its own name, or by the one that it has until it is complete.
        const parts = options.words === undefined ? [basename(paths[on])] : [basename(paths[on]), '.codexfs-'];
        injection = inject({ ...fault, on: parts });
      },
      ...options,
    });
    injection?.[Symbol.dispose]();
    const isStruck = (injection?.struck ?? 0) > 0;
    tally.judge(JSON.stringify({ on, ...fault }), run, isStruck ? expected : { statuses: [0] });
    return isStruck;
  }
}

/** `serve` in this process, where its system calls can be struck. */
export async function serverHere(): Promise<TestServer> {
  const server = await serve({ allowedHosts: ['127.0.0.1'] });
  return {
    remote: server.url ?? '',
    command: undefined,
    pid: undefined,
    env: {},
    stderr: () => '',
    async [Symbol.asyncDispose]() {
      if (server.openHandles > 0) throw new Error(`the server was left with ${server.openHandles} open handles`);
      await server[Symbol.asyncDispose]();
    },
  };
}

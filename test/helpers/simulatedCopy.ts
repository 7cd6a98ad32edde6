// Copies over simulated servers with delays, reordered answers, short reads, refusals, lost answers and cut
// lines. Whatever happens: a copy that resolves is identical, one that rejects tells the truth, and nothing is left open.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { CancelledError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { TransferError } from '../../src/transfer/Endpoint.js';
import { contentOf } from './content.js';
import { checkAtRest, checkReport, serverOf } from './copying.js';
import { SimulatedDisk } from './simulatedDisk.js';
import type { Behaviour, Call, Operation } from './simulatedFileSystem.js';

/** Bytes of one request, and of all in flight. */
export const chunkBytes = 64;
export const windowBytes = 8 * chunkBytes;

/** One thing that goes wrong at the `count`-th `operation` of one side. */
interface Fault {
  readonly side: 'from' | 'to';
  readonly operation: Operation;
  readonly count: number;
  readonly kind: 'refused' | 'falselyRefused' | 'cutBefore' | 'cutAfter' | 'abort';
}

const fault: fc.Arbitrary<Fault> = fc
  .record({
    side: fc.constantFrom('from', 'to'),
    reading: fc.constantFrom('openRead', 'statHandle', 'read', 'read', 'read', 'closeRead', 'stat'),
    writing: fc.constantFrom('openWrite', 'write', 'write', 'write', 'closeWrite', 'stat'),
    count: fc.integer({ min: 1, max: 12 }),
    kind: fc.constantFrom('refused', 'falselyRefused', 'cutBefore', 'cutAfter', 'abort'),
  })
  .map(({ side, reading, writing, count, kind }) => {
    return { side, count, kind, operation: side === 'from' ? reading : writing } as Fault;
  });

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  eofStyle: fc.constantFrom('authoritative', 'byShortness'),
  closesAtEof: fc.boolean(),
  writes: fc.constantFrom('appending', 'positional', 'stopping', 'buffered'),
  hidesSize: fc.boolean(),
  hidesIdentity: fc.boolean(),
  ignoresSignals: fc.boolean(),
});

/** Everything that is chosen about one copy. */
export const run = fc.record({
  sizeBytes: fc.oneof(
    fc.constantFrom(0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, windowBytes, windowBytes + 1),
    fc.nat({ max: 40 * chunkBytes }),
  ),
  oldBytes: fc.option(fc.nat({ max: 60 * chunkBytes }), { nil: undefined }),
  from: behaviour,
  to: behaviour,
  faults: fc.array(fault, { maxLength: 2 }),
  seed: fc.nat(),
  maxDelay: fc.constantFrom(0, 3, 20),
  areReadsShort: fc.boolean(),
});

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

/** Small numbers that depend on `seed` alone. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return below === 0 ? 0 : (state >>> 0) % below;
  };
}

/** Hooks of one side: each call is delayed by a number of turns, before and after, and has its faults. */
function hooks(side: 'from' | 'to', plan: Run, draw: (below: number) => number, abort: AbortController) {
  let cut: Error | undefined;
  const delay = async () => {
    for (let turns = draw(plan.maxDelay + 1); turns > 0; turns--) await Promise.resolve();
  };
  const kindsOf = (call: Call) =>
    plan.faults
      .filter((one) => one.side === side && one.operation === call.operation && one.count === call.count)
      .map(({ kind }) => kind);
  const lose = () => {
    cut ??= new ConnectionClosedError('the line was cut');
    return cut;
  };
  return {
    before: async (call: Call) => {
      await delay();
      const kinds = kindsOf(call);
      if (kinds.includes('abort')) abort.abort(new CancelledError());
      if (cut !== undefined || kinds.includes('cutBefore')) throw lose();
      if (kinds.includes('refused')) throw new FileError('io_error', call.operation, call.path, 'input/output error');
    },
    after: async (call: Call) => {
      await delay();
      const kinds = kindsOf(call);
      if (cut !== undefined || kinds.includes('cutAfter')) throw lose();
      // Done, and answered as if it were not. An open that is refused has touched nothing, which a copy relies on.
      if (kinds.includes('falselyRefused') && call.operation !== 'openWrite') {
        throw new FileError('io_error', call.operation, call.path, 'input/output error');
      }
    },
    ...(plan.areReadsShort ? { shorten: ({ length }: Call) => 1 + draw(length) } : {}),
  };
}

/** Makes the copy and holds what came of it against the truth. */
export async function simulate(plan: Run): Promise<'identical' | TransferError['code']> {
  const draw = numbersFrom(plan.seed);
  const abort = new AbortController();
  // A server that means the end by a short answer gives no short answers before it.
  const fromHooks = hooks('from', plan, draw, abort);
  const { shorten: _, ...wholeReads } = fromHooks;
  const reading = plan.from.eofStyle === 'byShortness' ? wholeReads : fromHooks;
  const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes, ...plan.from, ...reading });
  const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, ...plan.to, ...hooks('to', plan, draw, abort) });
  const content = contentOf(plan.sizeBytes);
  from.disk.put('/a', content);
  const before = plan.oldBytes === undefined ? undefined : to.disk.put('/b', contentOf(plan.oldBytes, 2)).content;
  let progress = 0;
  let outcome: 'identical' | TransferError['code'] = 'identical';
  try {
    const onProgress = (bytes: number) => {
      progress += bytes;
    };
    const { bytes } = await copyFile(from.at('/a'), to.at('/b'), { signal: abort.signal, windowBytes, onProgress });
    assert.is(bytes, plan.sizeBytes);
    assert.is(progress, plan.sizeBytes);
    assert.ok(to.disk.content('/b')?.equals(content), 'resolved, and not identical');
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    outcome = error.code;
    checkReport(error, content, before, to.disk.content('/b'));
    assert.ok(progress <= plan.sizeBytes);
  }
  checkAtRest(from.system, to.system);
  assert.ok(from.system.maxBytesReading <= windowBytes / 2 + chunkBytes);
  return outcome;
}

// The promise of a copy, over simulated ends: it resolves only when the destination is the source, and every other way out
// says exactly what the destination holds, with nothing left open or under way.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { CancelledError, type ErrorCode } from '../../src/errors.js';
import { type CopyResult, copyFile } from '../../src/transfer/copyFile.js';
import { type Endpoint, TransferError } from '../../src/transfer/Endpoint.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type Behaviour, FaultyFileSystem, failure, type OperationName } from '../helpers/faultyFileSystem.js';

const old = Buffer.from('what was there before');

interface Plan {
  readonly size: number;
  readonly sourceChunk: number;
  readonly destinationChunk: number;
  readonly windowBytes: number;
  readonly shortReads: boolean;
  readonly lateEof: boolean;
  readonly seed: number;
  readonly hasOld: boolean;
}

/** What happens before one operation of one side. */
interface Event {
  readonly side: 'source' | 'destination';
  readonly operation: OperationName;
  readonly at: number;
  readonly what: 'fail' | 'abort' | 'shrink' | 'grow' | 'rewrite';
}

const plans: fc.Arbitrary<Plan> = fc.record({
  size: fc.oneof(fc.nat(3), fc.nat(700), fc.constantFrom(16, 32, 64, 128)),
  sourceChunk: fc.constantFrom(1, 7, 16, 64),
  destinationChunk: fc.constantFrom(1, 5, 16, 64),
  windowBytes: fc.constantFrom(1, 4, 64, 256, 4096),
  shortReads: fc.boolean(),
  lateEof: fc.boolean(),
  seed: fc.nat(1_000_000),
  hasOld: fc.boolean(),
});

const sides = ['source', 'destination'] as const;
const operations = ['openRead', 'openWrite', 'read', 'write', 'close', 'handleStat', 'stat'] as const;

const anyEvent: fc.Arbitrary<Event> = fc.record({
  side: fc.constantFrom(...sides),
  operation: fc.constantFrom(...operations),
  at: fc.nat(8),
  what: fc.constantFrom('fail', 'fail', 'abort', 'shrink', 'grow', 'rewrite'),
});

interface Outcome {
  readonly result: CopyResult | undefined;
  readonly error: unknown;
  readonly hasHappened: boolean;
  readonly progress: number;
  readonly held: Buffer | undefined;
  /** The source when the copy ended. */
  readonly source: Buffer;
}

/** Makes the copy of `plan`, with `event` on the way. */
async function simulate(plan: Plan, event?: Event, code: ErrorCode = 'io_error'): Promise<Outcome> {
  const abort = new AbortController();
  let hasHappened = false;
  const original = contentOf(plan.size, plan.seed);
  const sourceFile = { content: original, modifiedAtMs: 5 };
  const happen = (): void => {
    hasHappened = true;
    if (event?.what === 'fail') throw failure(code);
    if (event?.what === 'abort') abort.abort(new CancelledError('SIGINT'));
    if (event?.what === 'shrink') sourceFile.content = original.subarray(0, original.length >> 1);
    if (event?.what === 'grow') sourceFile.content = Buffer.concat([original, original, old]);
    if (event?.what === 'rewrite') sourceFile.content = contentOf(plan.size, plan.seed + 1);
    if (event?.what !== 'abort') sourceFile.modifiedAtMs++;
  };
  const behaviour = (side: Event['side'], maxChunkBytes: number): Behaviour => ({
    seed: plan.seed,
    maxChunkBytes,
    shortReads: plan.shortReads,
    lateEof: plan.lateEof,
    before: (operation, count) => {
      if (side === event?.side && operation === event.operation && count === event.at) happen();
    },
  });
  const from = new FaultyFileSystem(behaviour('source', plan.sourceChunk));
  const to = new FaultyFileSystem(behaviour('destination', plan.destinationChunk));
  from.files.set('/a', sourceFile);
  if (plan.hasOld) to.files.set('/b', { content: old, modifiedAtMs: 1 });
  const end = (fileSystem: FaultyFileSystem, path: string): Endpoint => ({
    fileSystem,
    path,
    shown: path,
    host: path,
  });
  let progress = 0;
  let result: CopyResult | undefined;
  let error: unknown;
  try {
    result = await copyFile(end(from, '/a'), end(to, '/b'), {
      signal: abort.signal,
      windowBytes: plan.windowBytes,
      onProgress: (bytes) => {
        progress += bytes;
      },
    });
  } catch (caught) {
    error = caught;
  }
  // An open that was given up closes what it opened by itself.
  while (from.running + to.running > 0) await new Promise(setImmediate);
  assert.equal([from.openHandles, to.openHandles], [0, 0], 'a handle was left open');
  return { result, error, hasHappened, progress, held: to.files.get('/b')?.content, source: sourceFile.content };
}

/** What must be true of every end of a copy. */
function check(plan: Plan, event: Event | undefined, outcome: Outcome): void {
  const { result, error, held, progress, source } = outcome;
  const original = contentOf(plan.size, plan.seed);
  if (result !== undefined) {
    assert.equal(result, { bytes: held?.length ?? -1 });
    assert.is(progress, result.bytes);
    // A change after the last look at the source is none of the copy's business.
    assert.ok(held?.equals(source) || held?.equals(original), 'the destination is not the source');
    return;
  }
  if (!(error instanceof TransferError)) throw error;
  const { partial } = error;
  const untouched = plan.hasOld ? old : undefined;
  if (partial === undefined || partial.state === 'intact') {
    assert.ok(held === untouched || held?.equals(untouched ?? Buffer.alloc(0)), 'the destination was touched');
    return;
  }
  if (partial.state === 'partial') assert.is(held?.length, partial.bytes);
  else assert.ok((held?.length ?? 0) <= partial.bytes);
  const mayMix = event !== undefined && ['shrink', 'grow', 'rewrite'].includes(event.what);
  assert.ok(mayMix || held?.equals(original.subarray(0, held.length)), 'it is not the beginning of the source');
}

describe('a copy', (test) => {
  test(
    'is the source, whatever the chunks, the window, the answers and their order',
    async () => {
      await fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const outcome = await simulate(plan);
          assert.is(outcome.error, undefined);
          check(plan, undefined, outcome);
        }),
        { numRuns: 150 },
      );
    },
    { timeoutMs: 60_000 },
  );

  test(
    'is the source or says what it is, whatever happens at any time',
    async () => {
      let happened = 0;
      await fc.assert(
        fc.asyncProperty(plans, anyEvent, async (plan, event) => {
          const outcome = await simulate(plan, event);
          if (outcome.hasHappened) happened++;
          check(plan, event, outcome);
        }),
        { numRuns: 600 },
      );
      assert.ok(happened > 50, `only ${happened} events took place`);
    },
    { timeoutMs: 60_000 },
  );

  const plan: Plan = {
    size: 200,
    sourceChunk: 16,
    destinationChunk: 16,
    windowBytes: 128,
    shortReads: false,
    lateEof: false,
    seed: 3,
    hasOld: true,
  };

  for (const side of sides) {
    for (const operation of operations) {
      test(`fails when any ${operation} of the ${side} fails, and says so`, async () => {
        for (let at = 0; ; at++) {
          const event: Event = { side, operation, at, what: 'fail' };
          const outcome = await simulate(plan, event, 'no_space');
          check(plan, event, outcome);
          if (!outcome.hasHappened) break;
          // Nothing depends on how the source's handle is closed, on reads behind the end, or on the first look at the destination.
          const isNeedless =
            side === 'source' ? ['close', 'read'].includes(operation) : operation === 'stat' && at === 0;
          if (outcome.result !== undefined) assert.ok(isNeedless);
          else if (outcome.error instanceof TransferError) {
            assert.is(outcome.error.code, 'no_space');
            assert.is(outcome.error.side, side);
          }
        }
      });

      test(`stops when it is told to at any ${operation} of the ${side}`, async () => {
        for (let at = 0; ; at++) {
          const event: Event = { side, operation, at, what: 'abort' };
          const outcome = await simulate(plan, event);
          check(plan, event, outcome);
          if (!outcome.hasHappened) break;
          if (outcome.error instanceof TransferError) assert.is(outcome.error.code, 'cancelled');
        }
      });
    }
  }

  test('notices a source that changes between its reads', async () => {
    for (const what of ['shrink', 'grow', 'rewrite'] as const) {
      for (let at = 1; at < 12; at++) {
        const { error } = await simulate(plan, { side: 'source', operation: 'read', at, what });
        if (!(error instanceof TransferError)) throw new Error(`${what} at read ${at} was not noticed`);
        assert.is(error.code, 'source_changed', `${what} at read ${at}`);
      }
    }
  });

  test('leaves the destination alone when the source cannot be opened or read', async () => {
    for (const operation of ['openRead', 'handleStat', 'read'] as const) {
      const { held, error } = await simulate(plan, { side: 'source', operation, at: 0, what: 'fail' });
      assert.ok(error instanceof TransferError && error.partial === undefined);
      assert.ok(held?.equals(old));
    }
  });
});

// The limit on bytes per second, on a clock of the test's own.

import * as assert from 'uvu/assert';
import { CancelledError } from '../../src/errors.js';
import { RateLimit } from '../../src/transfer/RateLimit.js';
import { describe, rejection } from '../helpers/describe.js';

describe('a limit on the rate', (test) => {
  test('lets requests go as fast as it says and no faster', () => {
    let now = 0;
    const limit = new RateLimit(1_000_000, () => now);
    const gone: number[] = [];
    for (let count = 0; count < 100; count++) {
      now += Math.max(0, limit.reserve(10_000));
      gone.push(now);
    }
    // A million bytes, less the bucket that was full at the start.
    assert.ok(now >= 940 && now <= 1_000, String(now));
    assert.ok(
      gone.every((at, index) => index === 0 || at - (gone[index - 1] ?? 0) <= 10 + 1e-6),
      'a pause',
    );
  });

  test('does not save up what was not used', () => {
    let now = 0;
    const limit = new RateLimit(1_000, () => now);
    limit.reserve(1);
    now = 60_000;
    let burst = 0;
    while (limit.reserve(1) <= 0) burst++;
    assert.ok(burst <= 51, String(burst));
  });

  test('takes back what did not go', () => {
    const limit = new RateLimit(1_000, () => 0);
    limit.reserve(1_000);
    const before = limit.reserve(0);
    limit.giveBack(900);
    assert.is(Math.round(before - limit.reserve(0)), 900);
  });

  test('is one for all who share it, in the order in which they came', async () => {
    const limit = new RateLimit(100_000);
    const order: number[] = [];
    const startedAt = performance.now();
    await Promise.all(
      [0, 1, 2, 3].map(async (name) => {
        await limit.take(10_000);
        order.push(name);
      }),
    );
    assert.equal(order, [0, 1, 2, 3]);
    assert.ok(performance.now() - startedAt >= 240);
  });

  test('is not waited for by what was cancelled, and costs the others nothing', async () => {
    const limit = new RateLimit(1_000);
    limit.reserve(100);
    const controller = new AbortController();
    const waiting = rejection(limit.take(1_000_000, controller.signal));
    const reason = new CancelledError('SIGINT');
    controller.abort(reason);
    assert.is(await waiting, reason);
    assert.ok(limit.reserve(0) < 200);
  });

  test('asks for chunks of a twentieth of a second', () => {
    assert.is(new RateLimit(1_000_000).chunkBytes, 50_000);
    assert.is(new RateLimit(10).chunkBytes, 1024);
  });
});

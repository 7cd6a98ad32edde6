// Sizes and durations as people read and write them.

import * as assert from 'uvu/assert';
import {
  counted,
  formatDuration,
  formatRate,
  formatSeconds,
  formatShare,
  formatSize,
  parseDuration,
} from '../../src/cli/quantities.js';
import { UsageError } from '../../src/errors.js';
import { describe } from '../helpers/describe.js';

const MiB = 1024 ** 2;

describe('sizes', (test) => {
  const sizes: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1024 * 9.996, '10.0 KiB'],
    [1024 * 99.96, '100 KiB'],
    [1024 * 1023.4, '1023 KiB'],
    [1024 * 1023.6, '1.00 MiB'],
    [118 * MiB, '118 MiB'],
    [2 * 1024 * MiB, '2.00 GiB'],
    [Number.MAX_SAFE_INTEGER, '8.00 PiB'],
  ];
  for (const [bytes, text] of sizes) {
    test(`${bytes} bytes are ${text}`, () => assert.is(formatSize(bytes), text));
  }

  test('a share is in the unit of the whole', () => {
    assert.is(formatShare(118 * MiB, 310 * MiB), '118 of 310 MiB');
    assert.is(formatShare(512 * MiB, 2048 * MiB), '0.50 of 2.00 GiB');
    assert.is(formatShare(0, 2048 * MiB), '0 of 2.00 GiB');
  });

  test('a rate is a size each second', () => {
    assert.is(formatRate(2048 * MiB, 24_000), '85.3 MiB/s');
    assert.is(formatRate(0, 0), '0 B/s');
  });

  test('one is not many', () => {
    assert.equal(
      [0, 1, 2].map((count) => counted(count, 'file')),
      ['0 files', '1 file', '2 files'],
    );
  });
});

describe('durations', (test) => {
  const durations: readonly (readonly [number, string, string])[] = [
    [0, '0ms', '0s'],
    [12.9, '12ms', '0s'],
    [1_340, '1.3s', '1s'],
    [9_949, '9.9s', '10s'],
    [9_960, '10s', '10s'],
    [24_000, '24s', '24s'],
    [59_700, '1m00s', '1m00s'],
    [187_000, '3m07s', '3m07s'],
    [7_500_000, '2h05m', '2h05m'],
  ];
  for (const [ms, exact, whole] of durations) {
    test(`${ms} ms are ${exact}, or ${whole}`, () => {
      assert.is(formatDuration(ms), exact);
      assert.is(formatSeconds(ms), whole);
    });
  }

  const written: readonly (readonly [string, number])[] = [
    ['30', 30_000],
    ['30s', 30_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
  ];
  for (const [text, ms] of written) {
    test(`${text} is ${ms} ms`, () => assert.is(parseDuration(text, '--timeout'), ms));
  }

  for (const text of ['', '0', '-1', 's', '1d', '1e3', '600h', ' 1', '0.1ms', 'Infinity']) {
    test(`"${text}" is no duration`, () => {
      assert.throws(
        () => parseDuration(text, '--timeout'),
        (error: unknown) => error instanceof UsageError,
      );
    });
  }
});

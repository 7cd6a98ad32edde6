// Which files a sync leaves alone, from what is known of them.

import * as assert from 'uvu/assert';
import { isUpToDate } from '../../src/transfer/upToDate.js';
import { describe } from '../helpers/describe.js';

type Facts = readonly [size: number | undefined, time: number];

/** Source, destination, and whether it is up to date where times are kept and where they are not. */
const table: readonly (readonly [string, Facts, Facts, boolean, boolean])[] = [
  ['the same size and time', [5, 1000], [5, 1000], true, true],
  ['the same but for what a server cannot tell of the time', [5, 1000.4], [5, 1000], true, true],
  ['another millisecond', [5, 1000], [5, 1001], false, true],
  ['an older destination', [5, 1001], [5, 1000], false, false],
  ['another size', [5, 1000], [6, 1000], false, false],
  ['another size, newer', [5, 1000], [6, 2000], false, false],
  ['an unknown size and the same time', [undefined, 1000], [5, 1000], true, true],
  ['an unknown size and another time', [undefined, 1000], [5, 2000], false, false],
  ['no time at the source', [5, 0], [5, 1000], false, false],
  ['no time at the destination', [5, 1000], [5, 0], false, false],
];

describe('a synchronised file', (test) => {
  for (const [what, [size, time], [otherSize, otherTime], isCurrent, isCurrentWithoutTimes] of table) {
    test(`with ${what} is ${isCurrent ? '' : 'not '}up to date`, () => {
      const source = { kind: 'file', sizeBytes: size, modifiedAtMs: time } as const;
      const existing = { kind: 'file', sizeBytes: otherSize, modifiedAtMs: otherTime } as const;
      assert.equal(
        [isUpToDate(source, existing, { keepsTimes: true }), isUpToDate(source, existing, { keepsTimes: false })],
        [isCurrent, isCurrentWithoutTimes],
      );
    });
  }

  test('is not up to date where there is none, or something else', () => {
    const source = { kind: 'file', sizeBytes: 5, modifiedAtMs: 1000 } as const;
    assert.not(isUpToDate(source, undefined, { keepsTimes: true }));
    assert.not(isUpToDate(source, { ...source, kind: 'directory' }, { keepsTimes: true }));
  });
});

// How many bytes of small files are in flight at a time.

import * as assert from 'uvu/assert';
import { BytesInFlight } from '../../src/transfer/BytesInFlight.js';
import { describe } from '../helpers/describe.js';

/** Claims of `sizes`, in their order, and those of them that were let in by now. */
function claimsOf(all: BytesInFlight, ...sizes: number[]) {
  const given: number[] = [];
  const claims = sizes.map((size) => {
    const claim = all.claim();
    void claim.enter(size).then(() => given.push(size));
    return claim;
  });
  const now = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return given;
  };
  return { now, claims };
}

describe('BytesInFlight', (test) => {
  test('lets in what fits, and the others in their order as there is room', async () => {
    const { now, claims } = claimsOf(new BytesInFlight(100), 60, 40, 1, 90, 10);
    assert.equal(await now(), [60, 40]);
    claims[1]?.[Symbol.dispose]();
    assert.equal(await now(), [60, 40, 1]);
    claims[0]?.[Symbol.dispose]();
    assert.equal(await now(), [60, 40, 1, 90]);
    claims[2]?.[Symbol.dispose]();
    assert.equal(await now(), [60, 40, 1, 90, 10]);
  });

  test('lets what is larger than all the room in alone', async () => {
    const { now, claims } = claimsOf(new BytesInFlight(100), 10, 500, 10);
    assert.equal(await now(), [10]);
    claims[0]?.[Symbol.dispose]();
    assert.equal(await now(), [10, 500]);
    claims[1]?.[Symbol.dispose]();
    assert.equal(await now(), [10, 500, 10]);
  });

  test('keeps nothing for a claim that was given up before its turn', async () => {
    const { now, claims } = claimsOf(new BytesInFlight(100), 100, 90, 80);
    claims[1]?.[Symbol.dispose]();
    claims[0]?.[Symbol.dispose]();
    assert.equal(await now(), [100, 90, 80]);
  });

  test('takes back once what a claim does not need, and enters once', async () => {
    const { now, claims } = claimsOf(new BytesInFlight(100), 80, 70, 30);
    claims[0]?.shrinkTo(90);
    assert.equal(await now(), [80]);
    await claims[0]?.enter(1_000);
    claims[0]?.shrinkTo(30);
    assert.equal(await now(), [80, 70]);
    claims[0]?.[Symbol.dispose]();
    claims[0]?.[Symbol.dispose]();
    assert.equal(await now(), [80, 70, 30]);
  });
});

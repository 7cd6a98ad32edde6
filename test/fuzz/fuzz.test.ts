// A taste of every fuzz target and all of its corpus; `npm run fuzz` has the rest.

import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { fuzz } from './fuzz.js';
import { targets } from './targets/all.js';

/** The share of a whole run that is tried here. */
const share = 1 / 60;

describe('whatever is tried on', (test) => {
  for (const target of targets) {
    test(
      `${target.title}, does no harm`,
      async () => {
        const count = Math.max(5, Math.floor(target.count * share));
        const { failure } = await fuzz(target, { seed: Date.now() % 2 ** 31, count });
        assert.is(failure, undefined);
      },
      { timeoutMs: 60_000 },
    );
  }
});

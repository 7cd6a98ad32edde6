// Misbehaving servers as tests: codexfs ends with the right status, in bounded memory, with no stack and nothing for the
// terminal to act on, and it ends. `npm run hostile` prints how soon.

import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import type { Behaviour } from './behaviours/Behaviour.js';
import { problemOf } from './judge.js';
import { observe } from './observe.js';

/** One test for each of `behaviours`; `what` they are stands before their titles. */
export function describeBehaviours(what: string, behaviours: readonly Behaviour[]): void {
  const honest = observe({});
  describe(`codexfs, with ${what} that`, (test) => {
    for (const behaviour of behaviours) {
      test(
        behaviour.title,
        async () => assert.is(problemOf(behaviour, await observe(behaviour), await honest), undefined),
        { timeoutMs: 40_000 },
      );
    }
  });
}

// Every way of misbehaving that this folder knows: codexfs ends with the right status, in bounded memory, with no stack and
// nothing for the terminal to act on, and it ends. `npm run hostile` prints how soon.

import * as assert from 'uvu/assert';
import { describe } from '../../helpers/describe.js';
import { groups } from '../behaviours/all.js';
import { problemOf } from '../judge.js';
import { observe } from '../observe.js';

const honest = observe({});

for (const [group, behaviours] of Object.entries(groups)) {
  describe(`codexfs, with a server of the kind ${group}, which`, (test) => {
    for (const behaviour of behaviours) {
      test(
        behaviour.title,
        async () => assert.is(problemOf(behaviour, await observe(behaviour), await honest), undefined),
        { timeoutMs: 40_000 },
      );
    }
  });
}

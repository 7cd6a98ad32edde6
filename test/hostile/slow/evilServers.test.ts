// Every way of misbehaving that this folder knows: codexfs ends with the right status, in time, in bounded memory, with no
// stack and nothing for the terminal to act on.

import * as assert from 'uvu/assert';
import { describe } from '../../helpers/describe.js';
import { beginnings } from '../behaviours/beginnings.js';
import { frames } from '../behaviours/frames.js';
import { programs } from '../behaviours/programs.js';
import { replies } from '../behaviours/replies.js';
import { trees } from '../behaviours/trees.js';
import { observe, patienceSeconds } from '../observe.js';

const MiB = 1024 * 1024;
const maxGrowthBytes = 64 * MiB;
/** As issue of a limit: the deadline and two seconds, and as much again for a machine that has other work. */
const maxMs = 2 * (patienceSeconds + 2) * 1_000 + 10_000;

const commands = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u;
const honest = observe({});

for (const [group, behaviours] of Object.entries({ beginnings, frames, replies, trees, programs })) {
  describe(`codexfs, with a server of the kind ${group}, which`, (test) => {
    for (const behaviour of behaviours) {
      test(
        behaviour.title,
        async () => {
          const { status, stderr, stdout, tookMs, peakBytes } = await observe(behaviour);
          assert.ok(behaviour.statuses.includes(status ?? -1), `ended with ${status}: ${stderr.slice(0, 2_000)}`);
          assert.not.match(stderr, /^ {4}at /m);
          assert.is(commands.exec(stderr.replaceAll('\n', '')), null);
          assert.ok(stdout.length < 64 * 1024);
          const growth = peakBytes - (await honest).peakBytes;
          assert.ok(growth <= maxGrowthBytes, `${Math.round(growth / MiB)} MiB more than an honest copy`);
          assert.ok(tookMs < maxMs, `took ${Math.round(tookMs)} ms`);
        },
        { timeoutMs: 40_000 },
      );
    }
  });
}

// Thousands of copies over simulated servers: what must hold of each is in helpers/simulatedCopy.ts.

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readAhead } from '../../src/transfer/readAhead.js';
import { Window } from '../../src/transfer/Window.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { chunkBytes, run, simulate, windowBytes } from '../helpers/simulatedCopy.js';

describe('simulated copies', (test) => {
  test(
    'are identical or truly reported, and leave nothing open',
    async () => {
      const outcomes = new Map<string, number>();
      const property = fc.asyncProperty(run, async (plan) => {
        const outcome = await simulate(plan);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      });
      await fc.assert(property, { numRuns: 3_000 });
      for (const outcome of ['identical', 'io_error', 'connection_closed', 'cancelled']) {
        assert.ok((outcomes.get(outcome) ?? 0) >= 50, `${outcome}: ${outcomes.get(outcome) ?? 0} runs`);
      }
    },
    { timeoutMs: 60_000 },
  );

  test(
    'read in order, whatever the order of the answers',
    async () => {
      const property = fc.asyncProperty(
        fc.scheduler(),
        fc.nat({ max: 20 * chunkBytes }),
        async (scheduler, sizeBytes) => {
          const content = contentOf(sizeBytes);
          let inFlight = 0;
          const read = async (offset: number, maxBytes: number) => {
            inFlight += maxBytes;
            assert.ok(inFlight <= windowBytes);
            const bytes = content.subarray(offset, offset + maxBytes);
            await scheduler.schedule(Promise.resolve(), `read ${offset}+${maxBytes}`);
            inFlight -= maxBytes;
            return { bytes, eof: offset + bytes.length >= sizeBytes };
          };
          const window = new Window({ maxBytes: windowBytes, maxChunkBytes: chunkBytes });
          const parts: Buffer[] = [];
          const reading = (async () => {
            for await (const { bytes } of readAhead(read, { window, expectedEnd: sizeBytes })) parts.push(bytes);
          })();
          await scheduler.waitFor(reading);
          assert.is(inFlight, 0);
          assert.ok(Buffer.concat(parts).equals(content));
        },
      );
      await fc.assert(property, { numRuns: 300 });
    },
    { timeoutMs: 30_000 },
  );
});

// `npm run fuzz`: five minutes of every target. --long for hours, --only NAME for one, --seed N to see a failure again.

import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';
import { targets } from './targets/all.js';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});

const seed = Number(values.seed);
let total = 0;
let failures = 0;
console.log(`seed ${seed}`);
for (const target of targets) {
  if (values.only !== undefined && target.name !== values.only) continue;
  const startedAt = performance.now();
  const count = values.long ? target.longCount : target.count;
  const { tried, failure } = await fuzz(target, { seed, count });
  total += tried;
  const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  console.log(`${failure === undefined ? '✔' : '✘'} ${target.name}: ${target.title}: ${tried} inputs in ${took}`);
  if (failure === undefined) continue;
  failures++;
  console.log(failure.replace(/^/gm, '    '));
}
console.log(`${total} inputs, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);

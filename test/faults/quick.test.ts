// A part of `npm run faults` that takes seconds, and rows that must fail: a network that falsifies bytes under a copy that is not
// verified, and reports that are no longer true when they are compared.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { describe } from '../helpers/describe.js';
import { unavailable } from '../helpers/unavailable.js';
import { Ground } from './Ground.js';
import { problemsOf } from './oracle.js';
import { Tally } from './Row.js';
import { connectingRows } from './rows/connecting.js';
import { cutRows } from './rows/cuts.js';
import { networkRows } from './rows/network.js';
import { spaceRows } from './rows/space.js';
import { syscallRows } from './rows/syscalls.js';
import { treeRows } from './rows/trees.js';
import { noSmallDisk } from './SmallDisk.js';

const noLimits = unavailable('prlimit', '--version');

/** A test for each row that is chosen; it fails with the problems of the row. */
const chosen = [
  { rows: cutRows, id: 'F05', where: ['up ws serve', 'across from ws codex'] },
  { rows: connectingRows, id: 'F60', where: ['up ws serve', 'down ws serve'] },
  { rows: networkRows, id: 'F13', where: ['up ws serve'] },
  { rows: spaceRows, id: 'F18', where: ['up ws codex'], skip: noSmallDisk },
  { rows: spaceRows, id: 'F17', where: ['down ws serve'], skip: noSmallDisk },
  { rows: treeRows, id: 'F36', where: ['up ws serve tree', 'down ws serve tree'], skip: noLimits },
  { rows: syscallRows, id: 'F21', where: ['up ws serve in process', 'down ws serve in process'] },
  { rows: syscallRows, id: 'F22', where: ['down ws serve in process'] },
  { rows: syscallRows, id: 'F23', where: ['down ws serve in process'] },
];

describe('a copy under', (test) => {
  for (const { rows, id, where, skip } of chosen) {
    const title = `${id}, ${where.join(', ')}, is what it says it is`;
    const body = async () => {
      await using ground = new Ground();
      const found = rows(ground).filter((row) => row.id === id && where.includes(row.where));
      assert.ok(found.length >= where.length);
      for (const row of found) {
        const tally = new Tally();
        await row.run(tally);
        assert.equal(tally.problems, [], `${row.fault}, ${row.where}`);
        assert.ok(tally.runs > 0);
      }
    };
    test(title, body, { timeoutMs: 120_000, skip });
  }
});

describe('the harness', (test) => {
  test('finds a flipped bit in a copy that nobody verified', async () => {
    await using ground = new Ground();
    const found: string[] = [];
    for (const byte of [20_000, 40_000, 60_000, 80_000]) {
      const faults = [{ direction: 'down' as const, act: 'flip' as const, byte }];
      const run = await ground.copy({ direction: 'down', server: 'serve' }, { faults });
      found.push(...problemsOf(run, { statuses: [0, 10] }));
    }
    assert.match(found.join('\n'), /exit 0 with different bytes \(90000 bytes, the source has 90000\)/);
  });

  test('finds a partial file that is not as long as it was said to be', async () => {
    await using ground = new Ground();
    const faults = [{ direction: 'down' as const, act: 'cut' as const, message: 8 }];
    const run = await ground.copy({ direction: 'down', server: 'serve' }, { faults });
    const after = Buffer.concat([run.files[0]?.after ?? Buffer.alloc(0), Buffer.from('x')]);
    const files = run.files.map((file) => ({ ...file, after }));
    assert.equal(problemsOf(run, { statuses: [10] }), []);
    assert.match(problemsOf({ ...run, files }, { statuses: [10] }).join(), /reported as/);
  });

  test('finds a stray file beside the destination', async () => {
    await using ground = new Ground();
    let stray = '';
    const run = await ground.copy(
      { direction: 'down', server: 'serve' },
      {
        prepare: ({ to }) => {
          stray = `${to}.stray`;
        },
        tap: async () => {
          await writeFile(stray, 'x');
          return undefined;
        },
      },
    );
    assert.match(problemsOf(run, { statuses: [0] }).join(), /stray behind/);
  });
});

// Guards the guard: whatever can be wrong with a run, the oracle says so, and of a run that is right it says nothing.

import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { type FileFate, problemsOf, type RunRecord } from './oracle.js';

const source = contentOf(1_000);
const old = contentOf(300, 2);

function runOf(status: RunRecord['status'], stderr: string, fate: Partial<FileFate>, strays: string[] = []): RunRecord {
  return { status, stderr, strays, files: [{ shown: 'box:/b', sources: [source], before: old, after: old, ...fate }] };
}

const partial = (extent: string, shown = 'box:/b') => `codexfs: cp: lost\n  partial: ${shown} (${extent})\n`;

const right: Readonly<Record<string, RunRecord>> = {
  'a copy that is the source': runOf(0, '', { after: source }),
  'a failure that changed nothing': runOf(10, 'codexfs: cp: lost\n', {}),
  'a report of exactly what is there': runOf(10, partial('400 of 1000 bytes'), { after: source.subarray(0, 400) }),
  'a report of at most what is there': runOf(10, partial('up to 500 of 1000 bytes'), {
    after: source.subarray(0, 400),
  }),
  'a destination that kept its old bytes': runOf(10, partial('up to 200 of 1000 bytes'), {}),
  'a rounded report': runOf(10, partial('0.4 of 1.0 KiB'), { after: source.subarray(0, 400) }),
  'a stray file that is reported': runOf(10, partial('4 of 9 bytes', '/t'), {}, ['/t']),
};

const wrong: Readonly<Record<string, readonly [RunRecord, RegExp]>> = {
  'exit 0 over other bytes': [
    runOf(0, '', { after: Buffer.concat([source.subarray(1), source.subarray(0, 1)]) }),
    /exit 0 with different bytes/,
  ],
  'exit 0 over a beginning': [runOf(0, '', { after: source.subarray(0, 999) }), /exit 0 with different bytes/],
  'exit 0 over nothing': [runOf(0, '', { after: undefined }), /exit 0 with different bytes/],
  'a status that is not expected': [runOf(3, 'codexfs: cp: lost\n', {}), /ended with 3/],
  'a partial file without a word': [
    runOf(10, 'codexfs: cp: lost\n', { after: source.subarray(0, 400) }),
    /not reported/,
  ],
  'an emptied file without a word': [runOf(10, 'codexfs: cp: lost\n', { after: Buffer.alloc(0) }), /not reported/],
  'a removed file without a word': [runOf(10, 'codexfs: cp: lost\n', { after: undefined }), /not reported/],
  'a report that is too long': [
    runOf(10, partial('401 of 1000 bytes'), { after: source.subarray(0, 400) }),
    /has 400 bytes, reported as 401/,
  ],
  'a report that is too short': [
    runOf(10, partial('399 of 1000 bytes'), { after: source.subarray(0, 400) }),
    /has 400 bytes, reported as 399/,
  ],
  'a bound that is too low': [
    runOf(10, partial('up to 399 of 1000 bytes'), { after: source.subarray(0, 400) }),
    /reported as up to 399/,
  ],
  'a least that is too high': [
    runOf('SIGINT', partial('at least 401 of 1000 bytes'), { after: source.subarray(0, 400) }),
    /reported as at least 401/,
  ],
  'a rounded report that is far off': [
    runOf(10, partial('0.6 of 1.0 KiB'), { after: source.subarray(0, 400) }),
    /has 400 bytes, reported as/,
  ],
  'other bytes of the right length': [
    runOf(10, partial('300 of 1000 bytes'), { after: contentOf(300, 5) }),
    /not a beginning of the source/,
  ],
  'a report of something else': [runOf(10, partial('4 of 9 bytes', 'box:/c'), {}), /no destination/],
  'a file that was left behind': [runOf(10, 'codexfs: cp: lost\n', {}, ['/to/.codexfs-1']), /behind/],
  'a stack': [runOf(10, 'Error: lost\n    at Socket.end (net.js:1:2)\n', {}), /stack/],
  'control characters': [runOf(10, 'codexfs: cp: \x1b[2J\n', {}), /control/],
};

describe('the oracle of the faults', (test) => {
  for (const [name, run] of Object.entries(right)) {
    test(`accepts ${name}`, () => assert.equal(problemsOf(run, { statuses: [0, 10] }), []));
  }
  for (const [name, [run, problem]] of Object.entries(wrong)) {
    test(`refuses ${name}`, () => {
      assert.match(problemsOf(run, { statuses: [0, 10, 'SIGINT'] }).join('\n'), problem);
    });
  }

  test('misses what should be said, and what should not', () => {
    const run = runOf(10, 'codexfs: cp: Unexpected token\n', {});
    assert.match(problemsOf(run, { statuses: [10], says: /full/ }).join(), /does not say/);
    assert.match(problemsOf(run, { statuses: [10], saysNot: /Unexpected/ }).join(), /says/);
  });
});

// The table of what becomes of a destination that exists.

import * as assert from 'uvu/assert';
import { actionFor, type ExistingAction, type ExistingFacts, type ExistingRule } from '../../src/transfer/existing.js';
import { describe } from '../helpers/describe.js';

const source: ExistingFacts = { kind: 'file', sizeBytes: 10, modifiedAtMs: 5_000 };
const destinations: Readonly<Record<string, ExistingFacts | undefined>> = {
  nothing: undefined,
  'an older file': { ...source, modifiedAtMs: 4_000 },
  'a file of the same time': source,
  'a file that is a fraction of a millisecond younger': { ...source, modifiedAtMs: 5_000.4 },
  'a newer file': { ...source, modifiedAtMs: 6_000 },
  'a newer file of another size': { ...source, modifiedAtMs: 6_000, sizeBytes: 11 },
  'a file of unknown time': { ...source, modifiedAtMs: 0 },
  'a file of unknown size': { ...source, sizeBytes: undefined },
  'a directory': { ...source, kind: 'directory', modifiedAtMs: 6_000 },
  'a device': { ...source, kind: 'other', modifiedAtMs: 6_000 },
};

const plain: ExistingRule = {};
const keep: ExistingRule = { overwrite: 'keep' };
const ask: ExistingRule = { overwrite: 'ask' };
const update: ExistingRule = { isUpdate: true };
const checksum: ExistingRule = { isChecksum: true };
const everything: ExistingRule = { overwrite: 'ask', isUpdate: true, isChecksum: true };

/** What stands there, and what is done without options, with -n, -i, -u, -c and -iuc. */
const rows: readonly (readonly [string, ...ExistingAction[]])[] = [
  ['nothing', 'copy', 'copy', 'copy', 'copy', 'copy', 'copy'],
  ['an older file', 'copy', 'skip', 'ask', 'copy', 'compare', 'compare'],
  ['a file of the same time', 'copy', 'skip', 'ask', 'skip', 'compare', 'skip'],
  ['a file that is a fraction of a millisecond younger', 'copy', 'skip', 'ask', 'skip', 'compare', 'skip'],
  ['a newer file', 'copy', 'skip', 'ask', 'skip', 'compare', 'skip'],
  ['a newer file of another size', 'copy', 'skip', 'ask', 'skip', 'copy', 'skip'],
  ['a file of unknown time', 'copy', 'skip', 'ask', 'copy', 'compare', 'compare'],
  ['a file of unknown size', 'copy', 'skip', 'ask', 'skip', 'compare', 'skip'],
  ['a directory', 'copy', 'copy', 'copy', 'copy', 'copy', 'copy'],
  ['a device', 'copy', 'skip', 'copy', 'copy', 'copy', 'copy'],
];

describe('a destination that holds', (test) => {
  for (const [name, ...actions] of rows) {
    test(`${name} is met with ${actions.join(', ')}`, () => {
      assert.ok(name in destinations);
      const rules = [plain, keep, ask, update, checksum, everything];
      assert.equal(
        rules.map((rule) => actionFor(source, destinations[name], rule)),
        actions,
      );
    });
  }

  test('a younger file is replaced by a source of unknown time', () => {
    const unknown = { ...source, modifiedAtMs: 0 };
    assert.is(actionFor(unknown, source, update), 'copy');
  });

  test('content is compared where the source claims to be empty, as files in /proc do', () => {
    assert.is(actionFor({ ...source, sizeBytes: 0 }, source, checksum), 'compare');
  });
});

// What a server may call an entry: a table, and the property that a name stays one entry below its directory.

import * as nodePath from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { entryNameProblem, isWellFormed, type NamePlatform } from '../../src/fs/entryName.js';
import { describe } from '../helpers/describe.js';

const goodEverywhere = [
  'a',
  '.a',
  '..a',
  'a.b',
  '-rf',
  '~',
  ' a',
  'é',
  '✓',
  '😀',
  'CON1',
  'console',
  'a b',
  '%2e%2e',
  '．．',
  '／',
];
const goodOnPosix = [
  'a\\b',
  'a:b',
  'C:',
  'a\nb',
  '\x1b[31m',
  '*',
  '?',
  'a.',
  'a ',
  '...',
  'con',
  'NUL.txt',
  'lpt1',
  'x'.repeat(255),
];
const badEverywhere = [
  '',
  '.',
  '..',
  '/',
  'a/b',
  '/a',
  'a/',
  '../a',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00',
  'x'.repeat(1025),
  'é'.repeat(513),
];
const badOnWindows = [...goodOnPosix.slice(0, -1), 'con.txt', 'COM¹', 'aux', 'CONIN$', 'a|b', '<', '"'];

describe('entryNameProblem', (test) => {
  const table: readonly (readonly [NamePlatform, boolean, readonly string[]])[] = [
    ['posix', true, [...goodEverywhere, ...goodOnPosix]],
    ['posix', false, badEverywhere],
    ['win32', true, goodEverywhere],
    ['win32', false, [...badEverywhere, ...badOnWindows]],
  ];
  for (const [platform, isGood, names] of table) {
    for (const name of names) {
      const shown = name.length > 20 ? `${JSON.stringify(name.slice(0, 5))} × ${name.length}` : JSON.stringify(name);
      test(`${isGood ? 'takes' : 'refuses'} ${shown} on ${platform}`, () => {
        const problem = entryNameProblem(name, platform);
        assert.is(problem === undefined, isGood, problem);
        if (problem !== undefined) assert.match(problem, /^(it|Windows) /);
      });
    }
  }

  test('takes only names that stay one entry below their directory', () => {
    const piece = fc.constantFrom('.', '..', '/', '\\', ':', 'a', 'C', ' ', '\0', '%2f', '／', 'é', '\ud800');
    const name = fc.oneof(
      fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    const sides = [
      ['posix', nodePath.posix, '/root/dir'],
      ['win32', nodePath.win32, 'C:\\root\\dir'],
    ] as const;
    fc.assert(
      fc.property(name, (text) => {
        for (const [platform, path, directory] of sides) {
          if (entryNameProblem(text, platform) !== undefined) continue;
          const full = path.resolve(directory, text);
          assert.is(path.dirname(full), directory);
          assert.is(path.basename(full), text);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('isWellFormed', (test) => {
  test('is true exactly for texts that survive UTF-8', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 6 }), (units) => {
        const text = String.fromCharCode(...units);
        assert.is(isWellFormed(text), Buffer.from(text).toString('utf8') === text);
      }),
    );
    const surrogates = fc.array(fc.constantFrom('\ud800', '\udc00', '\udbff', '\udfff', 'a'), { maxLength: 5 });
    fc.assert(
      fc.property(surrogates, (units) => {
        const text = units.join('');
        assert.is(isWellFormed(text), Buffer.from(text).toString('utf8') === text);
      }),
    );
  });
});

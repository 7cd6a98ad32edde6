// Paths of POSIX and Windows hosts as URIs, both ways, and what makes one absolute.

import { posix, win32 } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { CodexfsError, ProtocolError } from '../../src/errors.js';
import { checkRemotePath, fromWirePath, isAbsolutePath, pathRulesOf, toFileUri } from '../../src/fs/remotePath.js';
import { describe } from '../helpers/describe.js';

const rules = { posix, win32: win32 as typeof posix };

const pairs: readonly (readonly ['posix' | 'win32', string, string])[] = [
  ['posix', '/', 'file:///'],
  ['posix', '/a/b', 'file:///a/b'],
  ['posix', '/a b%41#?.txt', 'file:///a%20b%2541%23%3F.txt'],
  ['posix', '/é✓\n', 'file:///%C3%A9%E2%9C%93%0A'],
  ['posix', '/😀', 'file:///%F0%9F%98%80'],
  ['posix', '/a\\b', 'file:///a%5Cb'],
  ['posix', '/C:/a', 'file:///C%3A/a'],
  ['posix', '/a:b', 'file:///a%3Ab'],
  ['posix', '//a', 'file:////a'],
  ['posix', '/a//b/', 'file:///a//b/'],
  ['posix', '/%2F%00', 'file:///%252F%2500'],
  ['win32', 'C:\\', 'file:///C:/'],
  ['win32', 'C:\\a b\\c', 'file:///C:/a%20b/c'],
  ['win32', 'c:\\é#', 'file:///c:/%C3%A9%23'],
  ['win32', '\\\\server\\share\\a b', 'file://server/share/a%20b'],
];

describe('a path as a file: URI', (test) => {
  for (const [platform, path, uri] of pairs) {
    test(`is ${uri} for ${JSON.stringify(path)} on ${platform}, and back`, () => {
      assert.is(toFileUri(path, rules[platform]), uri);
      assert.is(fromWirePath(uri, rules[platform]), path);
      assert.ok(isAbsolutePath(path, rules[platform]));
    });
  }

  test('takes both separators on Windows', () => {
    assert.is(toFileUri('C:/a/b', rules.win32), 'file:///C:/a/b');
    assert.is(toFileUri('C:/a\\b', rules.win32), 'file:///C:/a/b');
    assert.is(toFileUri('//server/share/a', rules.win32), 'file://server/share/a');
  });

  test('is what the URL standard reads as the same path', () => {
    for (const [, , uri] of pairs) {
      const parsed = new URL(uri);
      assert.equal([parsed.search, parsed.hash], ['', '']);
    }
  });

  test('comes back from any name', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !/[/\0]/.test(text));
    const posixPath = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => `/${names.join('/')}`);
    fc.assert(
      fc.property(posixPath, (path) => {
        const uri = toFileUri(path, posix);
        assert.ok(/^file:\/\/\/[\x21-\x7e]*$/.test(uri), uri);
        assert.is(fromWirePath(uri, posix), path);
      }),
    );
  });
});

describe('a path from the wire', (test) => {
  test('is taken as it is when it is no URI', () => {
    assert.is(fromWirePath('/a b%20', posix), '/a b%20');
    assert.is(fromWirePath('C:\\a', rules.win32), 'C:\\a');
  });

  test('may be encoded more than it must be, and name this host', () => {
    assert.is(fromWirePath('file:///%61%2Db', posix), '/a-b');
    assert.is(fromWirePath('FILE:///a', posix), '/a');
    assert.is(fromWirePath('file://localhost/C:/a', rules.win32), 'C:\\a');
    assert.is(fromWirePath('file:///c%3A/a', rules.win32), 'c:\\a');
  });

  for (const text of [
    'file:a',
    'file://host',
    'file:///a?b',
    'file:///a#b',
    'file:///%',
    'file:///%FF',
    'file:///a%00b',
  ]) {
    test(`is refused: ${text}`, () => {
      assert.throws(
        () => fromWirePath(text, posix),
        (error: unknown) => error instanceof ProtocolError,
      );
    });
  }
});

describe('an absolute path', (test) => {
  test('is told by the rules of its platform', () => {
    for (const path of ['a', './a', '~/a', '', 'C:\\a']) assert.not(isAbsolutePath(path, posix), path);
    for (const path of ['a', '\\a', '/a', 'C:', 'C:a', '~\\a', '']) assert.not(isAbsolutePath(path, rules.win32), path);
    for (const path of ['C:\\', 'z:/a', '\\\\s\\t', '//s/t']) assert.ok(isAbsolutePath(path, rules.win32), path);
  });

  test('has the rules that the server says', () => {
    assert.is(pathRulesOf('windows'), win32);
    for (const platform of ['linux', 'macos', undefined]) assert.is(pathRulesOf(platform), posix);
  });

  for (const path of ['a\0b', 'a\ud800', '\udc00a']) {
    test(`cannot be ${JSON.stringify(path)}`, () => {
      assert.throws(
        () => checkRemotePath(path),
        (error: unknown) => error instanceof CodexfsError && error.code === 'invalid_request',
      );
    });
  }

  test('may hold characters outside the first plane', () => {
    checkRemotePath('/😀');
  });
});

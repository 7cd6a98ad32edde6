// What words mean as locations, and that no password in one is ever shown.

import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { UsageError } from '../../src/errors.js';
import { checkServerUrl, parseLocation, redactUrl } from '../../src/remotes/Location.js';
import { describe } from '../helpers/describe.js';

const remoteTable: readonly (readonly [string, string, string])[] = [
  ['box:/a', 'box', '/a'],
  ['box:', 'box', ''],
  ['box:a b', 'box', 'a b'],
  ['box:~/a', 'box', '~/a'],
  ['box:C:\\x', 'box', 'C:\\x'],
  ['box:a:b', 'box', 'a:b'],
  ['box:a\nb', 'box', 'a\nb'],
  [':/a', '', '/a'],
  [':', '', ''],
  ['my-box_2:/a', 'my-box_2', '/a'],
  [`${'x'.repeat(64)}:a`, 'x'.repeat(64), 'a'],
  ['ws:/a', 'ws', '/a'],
  ['http://h/a', 'http', '//h/a'],
  ['local:/a', 'local', '/a'],
];
const localWords = [
  'a',
  '/a:b',
  './a:b',
  'C:\\x',
  'C:/x',
  'c:x',
  'a.b:c',
  'a b:c',
  'é:c',
  `${'x'.repeat(65)}:a`,
  '..',
  '--',
  '-a',
  '~/a',
];
const urlTable: readonly (readonly [string, string, string])[] = [
  ['ws://h:1/a', 'ws://h:1', '/a'],
  ['wss://h/a%20b%25', 'wss://h', '/a b%'],
  ['ws://h:1', 'ws://h:1', '/'],
  ['WS://H:1/A', 'WS://H:1', '/A'],
  ['ws://[::1]:1/a', 'ws://[::1]:1', '/a'],
  ['ws://h:1//a', 'ws://h:1', '//a'],
  ['ws://h:1/a?b#c', 'ws://h:1', '/a?b#c'],
  ['ws://h:1/a@b', 'ws://h:1', '/a@b'],
];

/** What is thrown, as all that a user could ever be shown of it. */
function refusal(call: () => unknown): { error: UsageError; shown: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return { error, shown: `${error.message} ${error.hint ?? ''} ${inspect(error)}` };
    throw error;
  }
  throw new Error('it was taken');
}

describe('a location', (test) => {
  for (const [word, name, path] of remoteTable) {
    test(`is on the remote ${JSON.stringify(name)}: ${JSON.stringify(word)}`, () => {
      assert.equal(parseLocation(word), { kind: 'remote', remote: name, path, word });
    });
  }

  for (const word of localWords) {
    test(`is local: ${JSON.stringify(word)}`, () => {
      assert.equal(parseLocation(word), { kind: 'local', path: word, word });
    });
  }

  for (const [word, url, path] of urlTable) {
    test(`is at a URL: ${word}`, () => {
      assert.equal(parseLocation(word), { kind: 'url', url, path, word });
    });
  }

  test('is a standard stream for -', () => {
    assert.equal(parseLocation('-'), { kind: 'stream', word: '-' });
  });

  for (const word of [
    '',
    'ws://',
    'ws:///a',
    'ws://h:1?a',
    'ws://h:1/%',
    'ws://h:1/%FF',
    'ws://h:99999/a',
    'ws://h h/a',
  ]) {
    test(`is refused: ${JSON.stringify(word)}`, () => {
      assert.is(refusal(() => parseLocation(word)).error.code, 'usage');
    });
  }
});

describe('a password in a URL', (test) => {
  const words = [
    'ws://user:secret@h:1/a',
    'wss://secret@h/a',
    'ws://user:secret@h:99999/a',
    'ws://user:se/secret@h:1/a',
    'ws://user:secret/x@h:1/a',
    'ws://user:secret@',
    'ws://h:1?token=secret',
    'ws://h:1#secret',
  ];
  for (const word of words) {
    test(`is refused as a location and not shown: ${word}`, () => {
      assert.not.match(refusal(() => parseLocation(word)).shown, /secret/);
    });

    test(`is refused as a server and not shown: ${word}`, () => {
      assert.not.match(refusal(() => checkServerUrl(word)).shown, /secret/);
    });
  }

  test('is cut out of what people see, whatever it holds', () => {
    assert.is(redactUrl('ws://u:p/q?r@s@h:1/a'), 'ws://…@h:1/a');
    assert.is(redactUrl('wss://h:1/a'), 'wss://h:1/a');
    assert.is(redactUrl('ws://h:1/?token=x'), 'ws://h:1/?…');
  });
});

describe('the URL of a server', (test) => {
  test('may have a port and a path', () => {
    assert.is(checkServerUrl('ws://127.0.0.1:8080').host, '127.0.0.1:8080');
    assert.is(checkServerUrl('wss://h/exec').pathname, '/exec');
  });

  for (const url of ['http://h', 'h:1', 'ws', '', 'file:///a', 'ws://']) {
    test(`is refused: ${JSON.stringify(url)}`, () => {
      assert.is(refusal(() => checkServerUrl(url)).error.code, 'usage');
    });
  }
});

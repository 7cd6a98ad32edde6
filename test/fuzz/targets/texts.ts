// Targets that are functions of one text: frames, names, operands, what is shown, base64.

import { posix, win32 } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { shellQuoted, show } from '../../../src/cli/show.js';
import { ProtocolError, UsageError } from '../../../src/errors.js';
import { entryNameProblem, nameKey } from '../../../src/fs/entryName.js';
import { fromWirePath, toFileUri } from '../../../src/fs/remotePath.js';
import { decodeBase64 } from '../../../src/protocol/base64.js';
import { parseFrame } from '../../../src/protocol/bulk.js';
import { limits } from '../../../src/protocol/limits.js';
import { checkParams, checkResult, type Method, methods, SchemaMismatch } from '../../../src/protocol/methods.js';
import { parseLocation } from '../../../src/remotes/Location.js';
import { readEnvelope } from '../../../src/rpc/envelope.js';
import { anyText, mangled, pureTarget } from '../FuzzTarget.js';

const chunk = 'QUJD'.repeat(400);
const frames = [
  '{"id":1,"method":"fs/readFile/read","params":{"handleId":"r1","offset":0,"maxBytes":262144}}',
  `{"id":7,"result":{"chunk":"${chunk}","eof":false}}`,
  `{"id":8,"method":"fs/writeBlock","params":{"handleId":"b1","offset":4096,"chunk":"${chunk}"}}`,
  `{"result":{"eof":true,"dataBase64":"${chunk}"},"id":9}`,
  '{"id":"x","error":{"code":-32600,"message":"no"}}',
  '{"method":"initialized"}',
  '{"id":2,"result":{"entries":[{"fileName":"a","isDirectory":false,"isFile":true}]}}',
  '{"id":3,"result":{"isDirectory":false,"isFile":true,"isSymlink":false,"size":5,"createdAtMs":0,"modifiedAtMs":1}}',
];
const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u0000',
  '\\ud800',
  '"id":',
  '"__proto__":{"a":1},',
  '1e400',
  '-0',
];
tokens.push(
  '9007199254740993',
  'null',
  '"chunk":"',
  '"dataBase64":"QQ==",',
  '\ufeff',
  '\0',
  '='.repeat(3),
  '['.repeat(200),
);

const methodNames = Object.keys(methods) as Method[];

/** Everything of the two parsers that must agree with JSON.parse, and the schemas behind them. */
function checkFrame(text: string): void {
  const frame = Buffer.from(text, 'utf8');
  const expected = attempt(() => JSON.parse(frame.toString('utf8')) as unknown);
  let parsed: ReturnType<typeof parseFrame>;
  try {
    parsed = parseFrame(frame);
  } catch (error) {
    assert.instance(error, ProtocolError);
    return;
  }
  assert.ok(expected !== undefined, 'what is no JSON was taken');
  if (parsed.chunk === undefined) assert.is(JSON.stringify(parsed.message), JSON.stringify(expected.value));
  else assert.is(parsed.chunk.bytes.toString('base64'), chunkOf(expected.value, parsed.chunk.field));
  const envelope = readEnvelope(parsed.message);
  if (typeof envelope === 'string') return;
  const body = envelope.kind === 'result' ? envelope.result : 'params' in envelope ? envelope.params : undefined;
  // All of them would take most of the time there is; which ones these are depends on the text.
  for (const method of methodNames.filter((_, index) => (index + text.length) % 8 === 0)) {
    for (const check of [checkParams, checkResult]) {
      const outcome = attempt(() => check(method, body), SchemaMismatch);
      if (typeof outcome?.value === 'object') assert.is(Object.getPrototypeOf(outcome.value), Object.prototype);
    }
  }
  assert.equal(Object.keys(Object.prototype), []);
}

function chunkOf(message: unknown, field: string): unknown {
  const { params, result } = message as { params?: Record<string, unknown>; result?: Record<string, unknown> };
  return (params ?? result)?.[field];
}

function attempt<T>(
  work: () => T,
  allowed: abstract new (...args: never[]) => Error = SyntaxError,
): { value: T } | undefined {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof allowed) return undefined;
    throw error;
  }
}

export const envelope = pureTarget({
  name: 'envelope',
  title: 'JSON-RPC frames, read by both sides',
  count: 100_000,
  longCount: 1_000_000,
  inputs: fc.oneof(
    { weight: 6, arbitrary: mangled(frames, tokens) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2_000 }).map((depth) => '{"a":['.repeat(depth)) },
  ),
  check: checkFrame,
});

const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const places = [
  ['posix', posix, '/root/dir'],
  ['win32', win32, 'C:\\root\\dir'],
] as const;

function checkName(name: string): void {
  for (const [platform, rules, directory] of places) {
    if (entryNameProblem(name, platform) !== undefined) continue;
    const full = rules.resolve(directory, name);
    assert.is(rules.dirname(full), directory);
    assert.is(rules.basename(full), name);
    const uri = toFileUri(rules.join(directory, name), rules);
    assert.is(fromWirePath(uri, rules), rules.join(directory, name));
    assert.ok(/^[\x21-\x7e]+$/.test(uri), uri);
  }
  assert.is(nameKey(nameKey(name, 'win32'), 'win32'), nameKey(name, 'win32'));
  const shown = show(name);
  assert.not(unsafe.test(shown));
  assert.ok(shown.length <= limits.shownTextChars);
  assert.not(unsafe.test(shellQuoted(Buffer.from(name).toString())));
}

export const names = pureTarget({
  name: 'names',
  title: 'names from a peer: entries, paths, URIs, what is shown',
  count: 130_000,
  longCount: 4_000_000,
  inputs: anyText,
  check: checkName,
});

export const operands = pureTarget({
  name: 'operands',
  title: 'words as locations',
  count: 70_000,
  longCount: 1_000_000,
  inputs: fc.oneof(
    anyText,
    mangled(
      ['box:/a/b', ':/a', 'ws://127.0.0.1:80/a%20b', 'wss://h/a?b#c', 'C:\\a', './a:b', '-', 'box:~/x'],
      [':', '/', '@', '%zz', '[::1]', '?', '#'],
    ),
  ),
  check: (word: string) => {
    const outcome = attempt(() => parseLocation(word), UsageError);
    if (outcome === undefined) return;
    const location = outcome.value;
    assert.is(location.word, word);
    if (location.kind === 'url') assert.not.match(location.url, /@|[\0-\x20]/);
    if (location.kind === 'remote') assert.match(location.remote, /^[A-Za-z0-9_-]*$/);
  },
});

const alphabet = [...'ABCwxyz0129+/-_=', ' ', '\n', 'é'];

export const base64 = pureTarget({
  name: 'base64',
  title: 'base64, taken exactly when an encoder would have written it',
  count: 200_000,
  longCount: 2_000_000,
  inputs: fc.oneof(
    fc.array(fc.constantFrom(...alphabet), { maxLength: 24 }).map((characters) => characters.join('')),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    mangled([Buffer.from('codexfs').toString('base64'), 'QQ==', 'QUI=', 'QUJD'], ['=', '-', '_', 'A']),
  ),
  check: (text: string) => {
    const bytes = decodeBase64(text);
    const isCanonical = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && Buffer.from(text, 'base64').toString('base64') === text;
    assert.is(bytes !== undefined, isCanonical);
    if (bytes !== undefined) assert.is(bytes.toString('base64'), text);
  },
});

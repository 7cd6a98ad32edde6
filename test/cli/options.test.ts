// The words of a command line: ranges, formats, operands of cp, tokens.

import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type CpOptions, parseCpOperands } from '../../src/cli/cp/cpOperands.js';
import { parseFormat } from '../../src/cli/look/statText.js';
import { parseRange } from '../../src/cli/parseRange.js';
import { readTokens, tokenVariable } from '../../src/cli/token.js';
import { UsageError } from '../../src/errors.js';
import type { FileInfo } from '../../src/fs/FileSystem.js';
import { Registry } from '../../src/remotes/registry.js';
import { describe, rejection } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

/** The UsageError that `work` throws. */
function usageError(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('--range', (test) => {
  const ranges: readonly (readonly [string, ReturnType<typeof parseRange>])[] = [
    ['0-9', { start: 0, end: 10 }],
    ['5-5', { start: 5, end: 6 }],
    ['7-', { start: 7, end: undefined }],
    ['-3', { lastBytes: 3 }],
    ['-0', { lastBytes: 0 }],
  ];
  for (const [text, range] of ranges) test(`${text} is understood`, () => assert.equal(parseRange(text), range));

  for (const text of ['', '-', '9-5', 'a-b', '1-2-3', '0x1-2', '1.5-2', ' 1-2', '0-9007199254740992']) {
    test(`"${text}" is refused`, () => assert.match(usageError(() => parseRange(text)).message, /no range/));
  }
});

describe('stat --format', (test) => {
  const info: FileInfo = {
    kind: 'file',
    isSymlink: false,
    sizeBytes: 12,
    createdAtMs: 0,
    modifiedAtMs: 1_735_689_600_500,
    mode: undefined,
    identity: undefined,
  };
  const formats: readonly (readonly [string, string])[] = [
    ['%n %s %y %F', 'a\u001bb 12 2025-01-01T00:00:00.500Z regular file\n'],
    ['%s\\n', '12\n'],
    ['%n\\0', 'a\u001bb\0'],
    ['\\t%%\\\\', '\t%\\\n'],
    ['', '\n'],
  ];
  for (const [format, text] of formats) {
    test(`${JSON.stringify(format)} is understood`, () =>
      assert.is(parseFormat(format, false)('a\u001bb', info), text));
  }

  test('escapes names on a terminal, and only there', () => {
    assert.is(parseFormat('%n', true)('a\u001bb', info), 'a\\x1bb\n');
  });
  test('says what is unknown', () => {
    const facts = { ...info, sizeBytes: undefined, modifiedAtMs: 0 };
    assert.is(parseFormat('%s %y', false)('a', facts), 'unknown unknown\n');
  });
  for (const format of ['%q', '%', '\\x', 'a\\']) {
    test(`${JSON.stringify(format)} is refused`, () => {
      assert.match(usageError(() => parseFormat(format, false)).message, /means nothing/);
    });
  }
});

describe('the operands of cp', (test) => {
  const registry = new Registry({ definitions: ['box=ws://h:1', 'two=ws://h:2'], env: {} });
  const parse = (words: readonly string[], options: CpOptions = {}) => parseCpOperands(words, options, registry);

  test('end in the destination', () => {
    const { sources, destination, directory } = parse(['a', 'b', 'box:c']);
    assert.equal([sources.map(({ word }) => word), destination.word, directory], [['a', 'b'], 'box:c', 'always']);
  });
  test('are all sources after -t', () => {
    const { sources, destination, directory } = parse(['box:a'], { targetDirectory: 'd' });
    assert.equal([sources.length, destination.word, directory], [1, 'd', 'always']);
  });
  test('leave it to what is there whether one source goes into a directory, except with -T', () => {
    assert.is(parse(['box:a', 'b']).directory, 'ifThere');
    assert.is(parse(['box:a', 'b'], { targetDirectory: false }).directory, 'never');
  });

  const refused: readonly (readonly [readonly string[], CpOptions, RegExp])[] = [
    [[], {}, /no source/],
    [['box:a'], {}, /no destination/],
    [['a', 'b'], {}, /both on this machine/],
    [['box:a', 'b', 'c'], {}, /both on this machine/],
    [['-', 'c'], {}, /both on this machine/],
    [['c', '-'], {}, /both on this machine/],
    [['nobody:a', 'c'], {}, /no remote called `nobody`/],
    [['a', 'box'], {}, /`box` is a remote/],
    [['a', ''], {}, /empty word/],
    [['box:a', 'box:b', '-'], {}, /several sources/],
    [['-', '-', 'box:b'], {}, /only once/],
    [['a', 'b', 'box:c'], { targetDirectory: false }, /-T copies one source/],
  ];
  for (const [words, options, message] of refused) {
    test(`${JSON.stringify([...words, options])} are refused`, () => {
      assert.match(usageError(() => parse(words, options)).message, message);
    });
  }
});

describe('the token', (test) => {
  const noWarning = () => assert.unreachable('there is nothing to warn of');

  test('is nothing unless it is given', async () => {
    const none = { token: undefined, tokenOfLastResort: undefined };
    assert.equal(await readTokens({ env: {}, warn: noWarning }), none);
    assert.equal(await readTokens({ env: { [tokenVariable]: '' }, warn: noWarning }), none);
  });

  test('comes from the file, without the line end, and from the environment', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'token');
    await writeFile(file, 'from-file\n', { mode: 0o600 });
    assert.equal(await readTokens({ file, env: { [tokenVariable]: 'from-env' }, warn: noWarning }), {
      token: 'from-file',
      tokenOfLastResort: 'from-env',
    });
  });

  test('is used with a warning when others can read the file', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'token');
    await writeFile(file, 'secret-word');
    await chmod(file, 0o640);
    const warnings: string[] = [];
    const { token } = await readTokens({ file, env: {}, warn: (line) => warnings.push(line) });
    assert.is(token, 'secret-word');
    assert.is(warnings.length, 1);
    assert.not.match(warnings.join(), /secret-word/);
  });

  test('is never part of the error about it', async () => {
    const error = await rejection(readTokens({ env: { [tokenVariable]: 'two\nwords' }, warn: noWarning }), UsageError);
    assert.not.match(error.message, /two|words/);
  });

  test('is missing when the file is empty or cannot be read', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'token');
    await writeFile(file, '\n', { mode: 0o600 });
    assert.match((await rejection(readTokens({ file, env: {}, warn: noWarning }), UsageError)).message, /is empty/);
    const missing = join(directory.path, 'nope');
    const error = await rejection(readTokens({ file: missing, env: {}, warn: noWarning }), UsageError);
    assert.match(error.message, /cannot read the token file .*: no such file or directory/);
  });
});

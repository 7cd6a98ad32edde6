// The lines of a failure, whole.

import * as assert from 'uvu/assert';
import { errorLines, partialLines } from '../../src/cli/errorText.js';
import { CodexfsError, ConnectError, FileError, UsageError } from '../../src/errors.js';
import { type PartialFile, TransferError } from '../../src/transfer/Endpoint.js';
import { describe } from '../helpers/describe.js';

const partial: PartialFile = { shown: './b', state: 'partial', bytes: 1_048_576, totalBytes: 41_943_040 };

describe('errorLines()', (test) => {
  test('says which command failed, on what, and why', () => {
    const error = new FileError('permission_denied', 'open', '/etc/shadow', 'permission denied');
    assert.equal(errorLines(error, { command: 'cat', subject: 'devbox:/etc/shadow' }), [
      'codexfs: cat: devbox:/etc/shadow: permission denied',
    ]);
  });

  test('names the path of a file error that came without a subject', () => {
    const error = new FileError('no_space', 'write', 'standard output', 'no space left on device');
    assert.equal(errorLines(error), ['codexfs: standard output: no space left on device']);
  });

  test('blames the side of a copy that failed, and tells what is left', () => {
    const cause = new CodexfsError('no_space', 'no space left on device', { hint: 'make room' });
    const error = new TransferError({ from: 'box:/a', to: './b', side: 'destination', partial, cause });
    assert.equal(errorLines(error, { command: 'cp', subject: 'box:/a' }), [
      'codexfs: cp: ./b: no space left on device',
      '  partial: ./b (1048576 of 41943040 bytes)',
      'hint: make room',
    ]);
  });

  test('leaves out a subject that the message has already', () => {
    const refused = new ConnectError('connect', 'ws://h:1', 'cannot connect to ws://h:1: nothing listens there');
    const copying = new TransferError({ from: 'box:/a', to: 'b', side: 'source', partial: undefined, cause: refused });
    const expected = ['codexfs: cp: cannot connect to ws://h:1: nothing listens there'];
    assert.equal(errorLines(refused, { command: 'cp', subject: 'box:/a' }), expected);
    assert.equal(errorLines(copying, { command: 'cp' }), expected);
    assert.equal(errorLines(new UsageError('no'), { command: 'cp', subject: 'x' }), ['codexfs: cp: no']);
  });

  test('makes what a peer wrote harmless', () => {
    const error = new CodexfsError('io_error', 'a\n\x1b[2Jb', { hint: '\x07' });
    assert.equal(errorLines(error, { subject: '\u202e' }), ['codexfs: \\u202e: a\\n\\x1b[2Jb', 'hint: \\x07']);
  });

  test('tells the causes only when asked, and none twice', () => {
    const root = new Error('ENOSPC: no space');
    const error = new CodexfsError('no_space', 'full', {
      cause: new CodexfsError('no_space', 'full', { cause: root }),
    });
    assert.equal(errorLines(error).length, 1);
    assert.equal(errorLines(error, { isVerbose: true }), ['codexfs: full', '  caused by: Error: ENOSPC: no space']);
  });
});

describe('the way out', (test) => {
  const copying = (side: 'source' | 'destination', cause: CodexfsError) =>
    new TransferError({ from: 'box:a', to: 'box:d/b', side, partial: undefined, cause });
  const missing = new FileError('not_found', 'open', '/d/b', 'no such file or directory');

  test('of a destination that cannot be made is to make its directory', () => {
    assert.equal(errorLines(copying('destination', missing), { command: 'cp' }), [
      'codexfs: cp: box:d/b: no such file or directory',
      'hint: the directory that it goes into is missing; codexfs mkdir -p makes one',
    ]);
  });

  test('of a destination that is no file is cat, and of a source there is none', () => {
    const odd = new FileError('not_regular_file', 'open', '/d/b', 'not a regular file');
    assert.equal(errorLines(copying('destination', odd), { command: 'cp' }), [
      'codexfs: cp: box:d/b: not a regular file',
      'hint: codexfs cat SOURCE > FILE writes to FIFOs and devices of this host',
    ]);
    assert.equal(errorLines(copying('source', odd)), ['codexfs: box:a: not a regular file']);
  });

  test('of a source that is not there is not told', () => {
    assert.equal(errorLines(copying('source', missing)), ['codexfs: box:a: no such file or directory']);
  });

  test('of a read-only place names both reasons', () => {
    const readOnly = new FileError('read_only_file_system', 'remove', '/a', 'read-only file system');
    assert.equal(errorLines(readOnly), [
      'codexfs: /a: read-only file system',
      'hint: a disk is mounted so, or the server was started with --read-only',
    ]);
  });
});

describe('partialLines()', (test) => {
  const rows: readonly (readonly [PartialFile, string])[] = [
    [partial, '1048576 of 41943040 bytes'],
    [{ ...partial, totalBytes: undefined }, '1048576 bytes'],
    [{ ...partial, state: 'unknown' }, 'up to 1048576 of 41943040 bytes'],
    [{ ...partial, state: 'unknown', totalBytes: undefined }, 'up to 1048576 bytes'],
    [{ ...partial, bytes: 0 }, '0 of 41943040 bytes'],
  ];
  for (const [file, extent] of rows) {
    test(`says "${extent}"`, () => assert.equal(partialLines([file]), [`  partial: ./b (${extent})`]));
  }

  test('rounds where many files are told about', () => {
    assert.equal(partialLines([partial], { areSizesRounded: true }), ['  partial: ./b (1.00 of 40.0 MiB)']);
  });
  test('says when there may be more than is known', () => {
    assert.equal(partialLines([partial], { isLeast: true }), ['  partial: ./b (at least 1048576 of 41943040 bytes)']);
  });
  test('passes over a destination that is as it was', () => {
    assert.equal(partialLines([{ ...partial, state: 'intact', bytes: 0 }]), []);
  });
});

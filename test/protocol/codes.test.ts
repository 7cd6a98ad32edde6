// Errors across the wire: what a host's errno becomes, and what a server's words are read as.

import * as os from 'node:os';
import * as assert from 'uvu/assert';
import { CodexfsError, type ErrorCode, FileError, RpcError } from '../../src/errors.js';
import { errorFromRpc, fileErrorFrom, rpcErrorFor } from '../../src/protocol/codes.js';
import { describe } from '../helpers/describe.js';

/** As Node makes it: EDQUOT has no name in libuv. */
function systemError(code: string, errno: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: something, open 'x'`), { code, errno: -errno, syscall: 'open' });
}

/** errno, its meaning here, what the wire says and with which number. */
const rows: readonly (readonly [string, number, ErrorCode, string, number])[] = [
  ['EPERM', 1, 'permission_denied', 'Operation not permitted (os error 1)', -32600],
  ['ENOENT', 2, 'not_found', 'No such file or directory (os error 2)', -32004],
  ['EIO', 5, 'io_error', 'Input/output error (os error 5)', -32603],
  ['ENXIO', 6, 'not_regular_file', 'path `/x` is not a file', -32600],
  ['EAGAIN', 11, 'io_error', 'Resource temporarily unavailable (os error 11)', -32603],
  ['EACCES', 13, 'permission_denied', 'Permission denied (os error 13)', -32600],
  ['EEXIST', 17, 'already_exists', 'File exists (os error 17)', -32603],
  ['ENOTDIR', 20, 'not_directory', 'Not a directory (os error 20)', -32603],
  ['EISDIR', 21, 'is_directory', 'Is a directory (os error 21)', -32603],
  ['ENFILE', 23, 'too_many_open_files', 'Too many open files in system (os error 23)', -32603],
  ['EMFILE', 24, 'too_many_open_files', 'Too many open files (os error 24)', -32603],
  ['EFBIG', 27, 'file_too_large', 'File too large (os error 27)', -32603],
  ['ENOSPC', 28, 'no_space', 'No space left on device (os error 28)', -32603],
  ['EROFS', 30, 'read_only_file_system', 'Read-only file system (os error 30)', -32603],
  ['ENAMETOOLONG', 36, 'name_too_long', 'File name too long (os error 36)', -32603],
  ['ENOTEMPTY', 39, 'directory_not_empty', 'Directory not empty (os error 39)', -32603],
  ['ELOOP', 40, 'symlink_loop', 'Too many levels of symbolic links (os error 40)', -32603],
  ['ESTALE', 116, 'io_error', 'Stale file handle (os error 116)', -32603],
  ['Unknown system error -122', 122, 'quota_exceeded', 'Disk quota exceeded (os error 122)', -32603],
];

describe('system errors', (test) => {
  for (const [name, errno, code, text, rpcCode] of rows) {
    test(`${name} is ${code}, crosses the wire as ${rpcCode} and is ${code} again`, () => {
      const error = fileErrorFrom(systemError(name, errno), 'open', '/x');
      assert.instance(error, FileError);
      assert.is(error.code, code);
      assert.not.match(error.message, /errno|E[A-Z]{3}|os error/);
      const wire = rpcErrorFor(error);
      assert.equal(wire, { code: rpcCode, message: text });
      const back = errorFromRpc('fs/open', wire.code, wire.message);
      assert.is(back.code, code);
      assert.is(back.message, error.message);
    });
  }

  test('have the numbers of this host', () => {
    for (const [name, errno] of rows) {
      const number = (os.constants.errno as Record<string, number>)[name];
      if (number !== undefined) assert.is(number, errno, name);
    }
  });

  test('that nobody knows keep their text', () => {
    const error = fileErrorFrom(systemError('EXYZ', 4095), 'read', '/x');
    assert.is(error.code, 'io_error');
    assert.match(error.message, 'EXYZ: something');
  });

  test('that were understood before pass unchanged', () => {
    const error = new CodexfsError('refused', 'no');
    assert.is(fileErrorFrom(error, 'open', '/x'), error);
  });
});

describe('rpcErrorFor', (test) => {
  const answers: readonly (readonly [ErrorCode, number])[] = [
    ['not_found', -32004],
    ['unknown_handle', -32004],
    ['permission_denied', -32600],
    ['not_regular_file', -32600],
    ['invalid_request', -32600],
    ['limit_exceeded', -32600],
    ['refused', -32600],
    ['unsupported', -32601],
    ['usage', -32602],
    ['io_error', -32603],
    ['is_directory', -32603],
    ['overloaded', -32001],
  ];
  for (const [code, rpcCode] of answers) {
    test(`answers ${code} with ${rpcCode}`, () => {
      assert.equal(rpcErrorFor(new CodexfsError(code, 'words')), { code: rpcCode, message: 'words' });
    });
  }

  test('tells nothing of what it does not know', () => {
    for (const secret of [new TypeError('secret /etc/x'), 'secret', null]) {
      assert.equal(rpcErrorFor(secret), { code: -32603, message: 'internal error' });
    }
  });

  test("hands a peer's error on as it was", () => {
    const error = new RpcError('fs/open', -32099, 'io_error', 'words');
    assert.equal(rpcErrorFor(error), { code: -32099, message: 'words' });
  });
});

describe('errorFromRpc', (test) => {
  /** What real servers were seen to say. */
  const seen: readonly (readonly [number, string, ErrorCode])[] = [
    [-32004, 'No such file or directory (os error 2)', 'not_found'],
    [-32004, 'unknown file handle `h1`', 'unknown_handle'],
    [-32004, 'something else that is not there', 'not_found'],
    [-32600, 'Permission denied (os error 13)', 'permission_denied'],
    [-32600, 'path `/w/sub` is not a file', 'not_regular_file'],
    [-32600, 'file handle `h1` already exists', 'invalid_request'],
    [-32600, 'Invalid request: unknown variant `fs/open`, expected one of `initialize`', 'unsupported'],
    [-32601, 'exec-server stub does not implement `fs/readFile/open` yet', 'unsupported'],
    [-32602, 'missing field `path`', 'invalid_request'],
    [-32603, 'Not a directory (os error 20)', 'not_directory'],
    [-32603, 'Is a directory (os error 21)', 'is_directory'],
    [-32603, 'No space left on device (os error 28)', 'no_space'],
    [-32603, 'Disk quota exceeded (os error 122)', 'quota_exceeded'],
    [-32603, 'Too many open files in system (os error 23)', 'too_many_open_files'],
    [-32603, 'unheard of', 'io_error'],
    [-32001, 'Server overloaded; retry later.', 'overloaded'],
    [12345, 'unheard of', 'invalid_request'],
  ];
  for (const [rpcCode, text, code] of seen) {
    test(`reads ${rpcCode} "${text}" as ${code}`, () => {
      const error = errorFromRpc('fs/open', rpcCode, text);
      assert.is(error.code, code);
      assert.is(error.rpcCode, rpcCode);
      assert.is(error.method, 'fs/open');
      assert.is((error.cause as Error).message, text);
    });
  }
});

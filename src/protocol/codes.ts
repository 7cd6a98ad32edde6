// JSON-RPC error codes, errnos and ErrorCodes, each way. The only place that reads the text of a server's error.

import { CodexfsError, type ErrorCode, FileError, RpcError } from '../errors.js';

/** The JSON-RPC error codes that exec-servers use. */
export const rpcCodes = {
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
  notFound: -32004,
  overloaded: -32001,
} as const;

interface ErrnoRow {
  readonly name: string;
  /** Linux's number; libuv reports others by name. */
  readonly errno: number;
  readonly code: ErrorCode;
  /** What strerror says, which Rust servers put into their messages as `TEXT (os error N)`. */
  readonly text: string;
}

const errnoRows: readonly ErrnoRow[] = [
  { name: 'EPERM', errno: 1, code: 'permission_denied', text: 'Operation not permitted' },
  { name: 'ENOENT', errno: 2, code: 'not_found', text: 'No such file or directory' },
  { name: 'EIO', errno: 5, code: 'io_error', text: 'Input/output error' },
  { name: 'ENXIO', errno: 6, code: 'not_regular_file', text: 'No such device or address' },
  { name: 'EBADF', errno: 9, code: 'io_error', text: 'Bad file descriptor' },
  { name: 'EAGAIN', errno: 11, code: 'io_error', text: 'Resource temporarily unavailable' },
  { name: 'EACCES', errno: 13, code: 'permission_denied', text: 'Permission denied' },
  { name: 'EBUSY', errno: 16, code: 'io_error', text: 'Device or resource busy' },
  { name: 'EEXIST', errno: 17, code: 'already_exists', text: 'File exists' },
  { name: 'ENODEV', errno: 19, code: 'not_regular_file', text: 'No such device' },
  { name: 'ENOTDIR', errno: 20, code: 'not_directory', text: 'Not a directory' },
  { name: 'EISDIR', errno: 21, code: 'is_directory', text: 'Is a directory' },
  { name: 'EINVAL', errno: 22, code: 'io_error', text: 'Invalid argument' },
  { name: 'ENFILE', errno: 23, code: 'too_many_open_files', text: 'Too many open files in system' },
  { name: 'EMFILE', errno: 24, code: 'too_many_open_files', text: 'Too many open files' },
  { name: 'ETXTBSY', errno: 26, code: 'permission_denied', text: 'Text file busy' },
  { name: 'EFBIG', errno: 27, code: 'file_too_large', text: 'File too large' },
  { name: 'ENOSPC', errno: 28, code: 'no_space', text: 'No space left on device' },
  { name: 'EROFS', errno: 30, code: 'read_only_file_system', text: 'Read-only file system' },
  { name: 'ENAMETOOLONG', errno: 36, code: 'name_too_long', text: 'File name too long' },
  { name: 'ENOTEMPTY', errno: 39, code: 'directory_not_empty', text: 'Directory not empty' },
  { name: 'ELOOP', errno: 40, code: 'symlink_loop', text: 'Too many levels of symbolic links' },
  { name: 'ESTALE', errno: 116, code: 'io_error', text: 'Stale file handle' },
  { name: 'EDQUOT', errno: 122, code: 'quota_exceeded', text: 'Disk quota exceeded' },
];

const byName = new Map(errnoRows.map((row) => [row.name, row]));
const byErrno = new Map(errnoRows.map((row) => [row.errno, row]));

/** What people read for a code when nothing more is known. */
const words: Partial<Record<ErrorCode, string>> = {
  not_found: 'no such file or directory',
  permission_denied: 'permission denied',
  already_exists: 'already exists',
  is_directory: 'is a directory',
  not_directory: 'not a directory',
  not_regular_file: 'not a regular file',
  directory_not_empty: 'directory not empty',
  no_space: 'no space left on device',
  quota_exceeded: 'disk quota exceeded',
  file_too_large: 'file too large',
  read_only_file_system: 'read-only file system',
  too_many_open_files: 'too many open files',
  name_too_long: 'file name too long',
  symlink_loop: 'too many levels of symbolic links',
  io_error: 'input/output error',
};

/** A failed system call of this host as a FileError on `path`. Errors of the family pass through unchanged. */
export function fileErrorFrom(cause: unknown, operation: string, path: string): CodexfsError {
  if (cause instanceof CodexfsError) return cause;
  const row = errnoRowOf(cause);
  if (row === undefined) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return new FileError('io_error', operation, path, text, { cause });
  }
  return new FileError(row.code, operation, path, wordsOf(row), { cause });
}

/** The JSON-RPC error that a server answers for `error`: the code, and the OS's own text where there is one. */
export function rpcErrorFor(error: unknown): { code: number; message: string } {
  if (!(error instanceof CodexfsError)) return { code: rpcCodes.internal, message: 'internal error' };
  if (error instanceof RpcError) return { code: error.rpcCode, message: error.message };
  if (error instanceof FileError && isWrongKind(error)) {
    return { code: rpcCodes.invalidRequest, message: `path \`${error.path}\` is not a file` };
  }
  const row = errnoRowOf(error.cause);
  const message = row === undefined ? error.message : `${row.text} (os error ${row.errno})`;
  return { code: rpcCodeOf(error.code), message };
}

/** Found out by looking at an open file and not by a system call, or by one whose text would puzzle (ENXIO of a FIFO). */
function isWrongKind(error: FileError): boolean {
  return error.code === 'not_regular_file' || (error.code === 'is_directory' && error.cause === undefined);
}

function rpcCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'not_found':
    case 'unknown_handle':
      return rpcCodes.notFound;
    case 'permission_denied':
    case 'not_regular_file':
    case 'invalid_request':
    case 'limit_exceeded':
    case 'refused':
    case 'same_file':
      return rpcCodes.invalidRequest;
    case 'usage':
      return rpcCodes.invalidParams;
    case 'unsupported':
      return rpcCodes.unknownMethod;
    case 'overloaded':
      return rpcCodes.overloaded;
    default:
      return rpcCodes.internal;
  }
}

/** A JSON-RPC error answer to `method` as an RpcError; its code is read off the number and, there being no errno on the wire, off the text. */
export function errorFromRpc(method: string, rpcCode: number, text: string): RpcError {
  const said = withoutQuotes(text);
  const row = errnoRows.find((candidate) => said.includes(candidate.text));
  const code = row?.code ?? meaningOf(rpcCode, said);
  const ownWords = code === 'io_error' ? undefined : words[code];
  const message = row === undefined ? (ownWords ?? text) : wordsOf(row);
  return new RpcError(method, rpcCode, code, message, { cause: new Error(text) });
}

/** Several errnos mean `io_error` and `permission_denied`; there the system's own text says more than the code's. */
function wordsOf(row: ErrnoRow): string {
  const ownText = row.text.toLowerCase();
  return row.code === 'io_error' || row.code === 'permission_denied' ? ownText : (words[row.code] ?? ownText);
}

/** Servers quote paths in backquotes, and a file may be called "unknown variant" or "Permission denied". */
function withoutQuotes(text: string): string {
  return text.replace(/`[\s\S]*`/, '``');
}

const textPatterns: readonly (readonly [RegExp, ErrorCode])[] = [
  [/unknown variant|does not implement|method not found|not supported by this server/i, 'unsupported'],
  [/unknown file handle|unknown handle/i, 'unknown_handle'],
  [/at most \d+ file handles|handle limit/i, 'too_many_open_files'],
  [/is not a (regular )?file/i, 'not_regular_file'],
  [/cannot find the (file|path)/i, 'not_found'],
  // Shells have words of their own.
  [/no such file|directory nonexistent/i, 'not_found'],
  [/file size limit exceeded/i, 'file_too_large'],
  [/access is denied/i, 'permission_denied'],
  [/exceeds? .*limit|file is too large to read|too large/i, 'limit_exceeded'],
];

function meaningOf(rpcCode: number, text: string): ErrorCode {
  if (rpcCode === rpcCodes.unknownMethod) return 'unsupported';
  if (rpcCode === rpcCodes.overloaded) return 'overloaded';
  for (const [pattern, code] of textPatterns) if (pattern.test(text)) return code;
  if (rpcCode === rpcCodes.notFound) return 'not_found';
  return rpcCode === rpcCodes.internal ? 'io_error' : 'invalid_request';
}

function errnoRowOf(cause: unknown): ErrnoRow | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code, errno } = cause as NodeJS.ErrnoException;
  // libuv has no name for EDQUOT ("Unknown system error -122"), so the number decides where the name does not.
  return byName.get(code ?? '') ?? (errno === undefined ? undefined : byErrno.get(Math.abs(errno)));
}

// The error family. Every failure that codexfs foresees is a CodexfsError with a code; anything else is a bug.
// It holds no texts for the terminal beyond message and hint, and imports nothing.

/** What went wrong, for callers to branch on. `cli/exitStatus.ts` turns each into an exit status. */
export type ErrorCode =
  // how codexfs was called
  | 'usage'
  // what a file system said, local or remote
  | 'not_found'
  | 'permission_denied'
  | 'already_exists'
  | 'is_directory'
  | 'not_directory'
  | 'not_regular_file'
  | 'directory_not_empty'
  | 'no_space'
  | 'quota_exceeded'
  | 'file_too_large'
  | 'read_only_file_system'
  | 'too_many_open_files'
  | 'name_too_long'
  | 'symlink_loop'
  | 'io_error'
  // what codexfs refused
  | 'refused'
  | 'same_file'
  | 'unsafe_name'
  | 'source_changed'
  | 'size_mismatch'
  | 'verification_failed'
  // what became of a connection
  | 'connect_failed'
  | 'authentication_failed'
  | 'handshake_failed'
  | 'connection_closed'
  | 'timeout'
  | 'protocol_violation'
  // what a server answered
  | 'unsupported'
  | 'limit_exceeded'
  | 'overloaded'
  | 'invalid_request'
  | 'unknown_handle'
  | 'cancelled';

/** Extra facts of an error: `cause` as everywhere, `hint` one line that says the way out. */
export interface ErrorDetails {
  readonly cause?: unknown;
  readonly hint?: string | undefined;
}

/** The root of the family: a foreseen failure with a code to branch on and a message for people. */
export class CodexfsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** The command line, a configuration file or an argument of the library is wrong; nothing was attempted. */
export class UsageError extends CodexfsError {
  constructor(message: string, details?: ErrorDetails) {
    super('usage', message, details);
  }
}

/** No usable session could be made with the server at `url`; nothing was written. */
export class ConnectError extends CodexfsError {
  /** The address as shown to people: never holds a token. */
  readonly url: string;
  readonly phase: 'connect' | 'authenticate' | 'handshake';

  constructor(phase: ConnectError['phase'], url: string, message: string, details?: ErrorDetails) {
    const codes = {
      connect: 'connect_failed',
      authenticate: 'authentication_failed',
      handshake: 'handshake_failed',
    } as const;
    super(codes[phase], message, details);
    this.url = url;
    this.phase = phase;
  }
}

/** The connection ended while something still needed it. `reason` is the first cause that was seen. */
export class ConnectionClosedError extends CodexfsError {
  readonly reason: string;

  constructor(reason: string, details?: ErrorDetails) {
    super('connection_closed', reason, details);
    this.reason = reason;
  }
}

/** The connection was lost, and no other could be made instead. */
export class ReconnectError extends ConnectionClosedError {}

/** The peer answered `method` with a JSON-RPC error; `rpcCode` is its number, `code` what it means. */
export class RpcError extends CodexfsError {
  readonly method: string;
  readonly rpcCode: number;

  constructor(method: string, rpcCode: number, code: ErrorCode, message: string, details?: ErrorDetails) {
    super(code, message, details);
    this.method = method;
    this.rpcCode = rpcCode;
  }
}

/** The peer sent something that the protocol does not allow; `field` names the offending part. */
export class ProtocolError extends CodexfsError {
  readonly field: string;

  constructor(field: string, message: string, details?: ErrorDetails) {
    super('protocol_violation', message, details);
    this.field = field;
  }
}

/** Nothing came for `afterMs` milliseconds while waiting for `what`. */
export class TimeoutError extends CodexfsError {
  readonly what: string;
  readonly afterMs: number;

  constructor(what: string, afterMs: number, details?: ErrorDetails) {
    super('timeout', `no answer for ${afterMs / 1000} s (${what})`, details);
    this.what = what;
    this.afterMs = afterMs;
  }
}

/** The caller or the user stopped the work; `signal` is the signal's name if one did. Never a timeout. */
export class CancelledError extends CodexfsError {
  readonly signal: NodeJS.Signals | undefined;

  constructor(signal?: NodeJS.Signals) {
    super('cancelled', signal === undefined ? 'cancelled' : `interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** A file system refused an operation on one path; `code` says why. */
export class FileError extends CodexfsError {
  readonly operation: string;
  readonly path: string;

  constructor(code: ErrorCode, operation: string, path: string, message: string, details?: ErrorDetails) {
    super(code, message, details);
    this.operation = operation;
    this.path = path;
  }
}

/** `value` as an Error, for catch clauses that only see `unknown`. */
export function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}

/** Whether `error` is a CodexfsError with one of `codes`. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is CodexfsError {
  return error instanceof CodexfsError && codes.includes(error.code);
}

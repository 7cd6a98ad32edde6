// The exit status of every outcome, decided in one place. The table is part of the interface: man/codexfs.1 lists it.

import type { CodexfsError, ErrorCode } from '../errors.js';
import { TransferError } from '../transfer/Endpoint.js';

/** The statuses by name. 128 + N for a signal is not here: the signal itself is raised again. */
export const exitStatus = {
  ok: 0,
  someFailed: 1,
  usage: 2,
  sourceNotFound: 3,
  refused: 4,
  permissionDenied: 5,
  wrongBytes: 6,
  cannotConnect: 7,
  unsupported: 8,
  cannotWrite: 9,
  connectionLost: 10,
  bug: 70,
  readerGone: 141,
} as const;

type Side = TransferError['side'];

/** The status of each code: one, or one for each end of a copy. */
const statuses: Readonly<Record<ErrorCode, number | Readonly<Record<Side, number>>>> = {
  usage: exitStatus.usage,
  not_found: { source: exitStatus.sourceNotFound, destination: exitStatus.cannotWrite },
  not_directory: { source: exitStatus.sourceNotFound, destination: exitStatus.refused },
  symlink_loop: { source: exitStatus.sourceNotFound, destination: exitStatus.cannotWrite },
  name_too_long: { source: exitStatus.sourceNotFound, destination: exitStatus.cannotWrite },
  permission_denied: exitStatus.permissionDenied,
  already_exists: exitStatus.refused,
  is_directory: exitStatus.refused,
  not_regular_file: exitStatus.refused,
  directory_not_empty: exitStatus.refused,
  refused: exitStatus.refused,
  same_file: exitStatus.refused,
  unsafe_name: exitStatus.refused,
  source_changed: exitStatus.wrongBytes,
  size_mismatch: exitStatus.wrongBytes,
  verification_failed: exitStatus.wrongBytes,
  connect_failed: exitStatus.cannotConnect,
  authentication_failed: exitStatus.cannotConnect,
  handshake_failed: exitStatus.cannotConnect,
  unsupported: exitStatus.unsupported,
  limit_exceeded: exitStatus.unsupported,
  too_many_open_files: exitStatus.unsupported,
  invalid_request: exitStatus.unsupported,
  no_space: exitStatus.cannotWrite,
  quota_exceeded: exitStatus.cannotWrite,
  file_too_large: exitStatus.cannotWrite,
  read_only_file_system: exitStatus.cannotWrite,
  io_error: { source: exitStatus.someFailed, destination: exitStatus.cannotWrite },
  connection_closed: exitStatus.connectionLost,
  timeout: exitStatus.connectionLost,
  protocol_violation: exitStatus.connectionLost,
  overloaded: exitStatus.connectionLost,
  unknown_handle: exitStatus.connectionLost,
  // Only for a cancellation without a signal; with one the process ends by the signal.
  cancelled: 130,
};

/** The status for `error` alone. What did not come from a copy counts as the source's failure. */
export function exitStatusOf(error: CodexfsError): number {
  const status = statuses[error.code];
  return typeof status === 'number' ? status : status[error instanceof TransferError ? error.side : 'source'];
}

export interface RunOutcome {
  /** How many items are in place. */
  readonly doneCount: number;
  /** What went wrong, in order. */
  readonly failures: readonly CodexfsError[];
  /** The failure after which the rest was not attempted. */
  readonly endedBy: CodexfsError | undefined;
}

/** The status for a whole run. A full disk and a lost connection keep their own when they ended it. */
export function exitStatusOfRun({ doneCount, failures, endedBy }: RunOutcome): number {
  const [first] = failures;
  if (first === undefined) return exitStatus.ok;
  const ending = endedBy === undefined ? undefined : exitStatusOf(endedBy);
  if (ending === exitStatus.cannotWrite || ending === exitStatus.connectionLost) return ending;
  return doneCount > 0 ? exitStatus.someFailed : exitStatusOf(first);
}

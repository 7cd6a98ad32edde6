// The table of exit statuses, row by row, and the statuses of whole runs.

import * as assert from 'uvu/assert';
import { exitStatusOf, exitStatusOfRun } from '../../src/cli/exitStatus.js';
import { CodexfsError, type ErrorCode } from '../../src/errors.js';
import { TransferError } from '../../src/transfer/Endpoint.js';
import { describe } from '../helpers/describe.js';

/** Code, status when it is the source's, status when it is the destination's. */
const table: Readonly<Record<ErrorCode, readonly [source: number, destination: number]>> = {
  usage: [2, 2],
  not_found: [3, 9],
  not_directory: [3, 4],
  symlink_loop: [3, 9],
  name_too_long: [3, 9],
  permission_denied: [5, 5],
  already_exists: [4, 4],
  is_directory: [4, 4],
  not_regular_file: [4, 4],
  directory_not_empty: [4, 4],
  refused: [4, 4],
  same_file: [4, 4],
  unsafe_name: [4, 4],
  source_changed: [6, 6],
  size_mismatch: [6, 6],
  verification_failed: [6, 6],
  connect_failed: [7, 7],
  authentication_failed: [7, 7],
  handshake_failed: [7, 7],
  unsupported: [8, 8],
  limit_exceeded: [8, 8],
  too_many_open_files: [8, 8],
  invalid_request: [8, 8],
  no_space: [9, 9],
  quota_exceeded: [9, 9],
  file_too_large: [9, 9],
  read_only_file_system: [9, 9],
  io_error: [1, 9],
  connection_closed: [10, 10],
  timeout: [10, 10],
  protocol_violation: [10, 10],
  overloaded: [10, 10],
  unknown_handle: [10, 10],
  cancelled: [130, 130],
};

describe('the exit status of one failure', (test) => {
  for (const [code, [source, destination]] of Object.entries(table) as [ErrorCode, readonly [number, number]][]) {
    test(`${code} is ${source} for a source and ${destination} for a destination`, () => {
      assert.is(exitStatusOf(new CodexfsError(code, 'x')), source);
      assert.is(exitStatusOf(failure(code, 'source')), source);
      assert.is(exitStatusOf(failure(code, 'destination')), destination);
    });
  }
});

describe('the exit status of a run', (test) => {
  const missing = failure('not_found', 'source');
  const denied = failure('permission_denied', 'source');
  const full = failure('no_space', 'destination');
  const lost = failure('connection_closed', 'source');

  test('is 0 without a failure', () => {
    assert.is(exitStatusOfRun({ doneCount: 2, failures: [], endedBy: undefined }), 0);
  });
  test("is the first failure's when nothing is in place", () => {
    assert.is(exitStatusOfRun({ doneCount: 0, failures: [denied, missing], endedBy: undefined }), 5);
  });
  test('is 1 when something is in place', () => {
    assert.is(exitStatusOfRun({ doneCount: 1, failures: [denied, full], endedBy: undefined }), 1);
  });
  test('stays 9 and 10 when a full disk or a lost connection ended it', () => {
    assert.is(exitStatusOfRun({ doneCount: 1, failures: [missing, full], endedBy: full }), 9);
    assert.is(exitStatusOfRun({ doneCount: 1, failures: [missing, lost], endedBy: lost }), 10);
  });
  test('is 1 when anything else ended it after something was done', () => {
    const refused = new CodexfsError('connect_failed', 'x');
    assert.is(exitStatusOfRun({ doneCount: 1, failures: [refused], endedBy: refused }), 1);
  });
});

function failure(code: ErrorCode, side: TransferError['side']): TransferError {
  return new TransferError({ from: 'a', to: 'b', side, partial: undefined, cause: new CodexfsError(code, 'x') });
}

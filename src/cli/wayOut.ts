// What can be done about a failure whose error does not say it: the ways out that depend on which side of a copy failed.

import { type CodexfsError, hasCode } from '../errors.js';
import { TransferError } from '../transfer/Endpoint.js';

/** One line for people; undefined where nothing helps beyond what the message says. */
export function wayOut(error: CodexfsError): string | undefined {
  if (error.hint !== undefined) return error.hint;
  if (isWrittenTo(error) && error.code === 'not_regular_file')
    return 'codexfs cat SOURCE > FILE writes to FIFOs and devices of this host';
  if (isMissingDirectory(error)) return 'the directory that it goes into is missing; codexfs mkdir -p makes one';
  if (hasCode(error, 'read_only_file_system'))
    return 'a disk is mounted so, or the server was started with --read-only';
  return undefined;
}

/** A file is made where it is written to, so what was not found is above it. */
function isMissingDirectory(error: CodexfsError): boolean {
  return isWrittenTo(error) && error.code === 'not_found';
}

function isWrittenTo(error: CodexfsError): boolean {
  return error instanceof TransferError && error.side === 'destination';
}

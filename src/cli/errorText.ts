// Failures as lines for people, composed in one place: `codexfs: cp: devbox:/etc/shadow: permission denied`.

import { asError, type CodexfsError, ConnectError, FileError, UsageError } from '../errors.js';
import { type PartialFile, TransferError } from '../transfer/Endpoint.js';
import { formatShare, formatSize } from './quantities.js';
import { show } from './show.js';
import { wayOut } from './wayOut.js';

export interface ErrorTextOptions {
  /** The command that failed; undefined before one is known. */
  readonly command?: string | undefined;
  /** What the failure is about, where the error itself does not say: a location as it was typed. */
  readonly subject?: string | undefined;
  /** Whether the causes are told too. */
  readonly isVerbose?: boolean;
  /** Whether sizes of partial files are rounded to read well, not exact to be compared. */
  readonly areSizesRounded?: boolean;
  /** Whether a partial file may hold more than what is known of it. */
  readonly isLeast?: boolean;
}

/** `error` as lines without line ends: what failed, how much a partial file holds, the way out, and the causes if asked. */
export function errorLines(error: CodexfsError, options: ErrorTextOptions = {}): string[] {
  const words = ['codexfs', options.command, subjectOf(error, options), show(error.message)];
  const lines = [words.filter((word) => word !== undefined).join(': ')];
  const partial = error instanceof TransferError ? error.partial : undefined;
  if (partial !== undefined) lines.push(...partialLines([partial], options));
  const hint = wayOut(error);
  if (hint !== undefined) lines.push(`hint: ${show(hint)}`);
  if (options.isVerbose) lines.push(...causeLines(error));
  return lines;
}

/** One line for each file that is not what it was and not complete either. */
export function partialLines(partials: readonly PartialFile[], options: ErrorTextOptions = {}): string[] {
  return partials
    .filter((partial) => partial.state !== 'intact')
    .map((partial) => `  partial: ${show(partial.shown)} (${extentOf(partial, options)})`);
}

function extentOf({ state, bytes, totalBytes }: PartialFile, options: ErrorTextOptions): string {
  const bound = options.isLeast ? 'at least ' : state === 'unknown' ? 'up to ' : '';
  if (!options.areSizesRounded) return `${bound}${bytes}${totalBytes === undefined ? '' : ` of ${totalBytes}`} bytes`;
  return bound + (totalBytes === undefined ? formatSize(bytes) : formatShare(bytes, totalBytes));
}

/** Errors of usage and of connecting say themselves what they are about. */
function subjectOf(error: CodexfsError, options: ErrorTextOptions): string | undefined {
  if (error instanceof TransferError && !isAboutConnecting(error.cause)) return show(error.about);
  if (error instanceof UsageError || isAboutConnecting(error)) return undefined;
  const subject = options.subject ?? (error instanceof FileError ? error.path : undefined);
  return subject === undefined ? undefined : show(subject);
}

function isAboutConnecting(error: unknown): boolean {
  return error instanceof ConnectError;
}

function* causeLines(error: Error): Generator<string> {
  let told = error.message;
  for (let { cause } = error; cause !== undefined; cause = asError(cause).cause) {
    const { name, message } = asError(cause);
    if (message !== told) yield `  caused by: ${show(`${name}: ${message}`)}`;
    told = message;
  }
}

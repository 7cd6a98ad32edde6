// The records of --json: one object a line, each with `v` and `type`. Members are added, never changed; `v` grows otherwise.

import { CodexfsError } from '../errors.js';
import type { FileInfo } from '../fs/FileSystem.js';
import type { RemoteSpec } from '../remotes/registry.js';
import type { Run } from './Run.js';

/** Facts about the path at `location`; what is not known is null. */
export function statRecord(location: string, info: FileInfo): string {
  return record('stat', {
    location,
    kind: info.kind,
    isSymlink: info.isSymlink,
    sizeBytes: info.sizeBytes ?? null,
    modifiedAt: timeOrNull(info.modifiedAtMs),
    createdAt: timeOrNull(info.createdAtMs),
    mode: info.mode === undefined ? null : info.mode.toString(8).padStart(4, '0'),
  });
}

/** A remote, and what of it may be shown. */
export function remoteRecord(
  { name, origin, target, token }: RemoteSpec,
  { address, isDefault }: { readonly address: string; readonly isDefault: boolean },
): string {
  return record('remote', { name, kind: target.kind, address, origin, isDefault, hasToken: token !== undefined });
}

export function errorRecord(location: string, error: Error): string {
  const code = error instanceof CodexfsError ? error.code : 'bug';
  return record('error', { location, code, message: error.message });
}

/** The last record of every run. */
export function summaryRecord({ doneCount, failedCount }: Run, isInterrupted: boolean): string {
  return record('summary', { doneCount, failedCount, isInterrupted });
}

/** Milliseconds since 1970 as RFC 3339 in UTC; undefined for 0, by which a server says that it does not know. */
export function rfc3339(ms: number): string | undefined {
  return ms === 0 || Math.abs(ms) > 8.64e15 ? undefined : new Date(ms).toISOString();
}

function timeOrNull(ms: number): string | null {
  return rfc3339(ms) ?? null;
}

function record(type: string, members: object): string {
  return `${JSON.stringify({ v: 1, type, ...members })}\n`;
}

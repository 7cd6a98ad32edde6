// Paths of a remote host: joining, splitting and the `file:` URIs that newer servers want, by the rules of its platform.

import { posix, win32 } from 'node:path';
import { CodexfsError, ProtocolError } from '../errors.js';
import { isWellFormed } from './entryName.js';

/** The path rules of a server, by the `platformOs` that it reports. */
export function pathRulesOf(platformOs: string | undefined): typeof posix {
  return platformOs === 'windows' ? win32 : posix;
}

/** `path` (absolute, in the server's own form) as a `file:` URI. */
export function toFileUri(path: string, rules: typeof posix): string {
  if (rules === posix) return `file://${encodeSegments(path)}`;
  const slashed = path.replaceAll('\\', '/');
  return slashed.startsWith('//') ? `file:${encodeSegments(slashed)}` : `file:///${encodeSegments(slashed)}`;
}

/** The path that a server's `file:` URI stands for; a text that is no URI is taken as the path itself. @throws {ProtocolError} */
export function fromWirePath(text: string, rules: typeof posix): string {
  if (!/^file:/i.test(text)) return text;
  const match = /^file:\/\/([^/?#]*)(\/[^?#]*)$/i.exec(text);
  if (match === null) throw new ProtocolError('path', 'the server sent a path that is not a valid file: URI');
  const [, host = '', encoded = ''] = match;
  const path = decodeSegments(encoded);
  if (rules === posix) return path;
  const native = path.replaceAll('/', '\\');
  return host === '' || host === 'localhost' ? native.slice(1) : `\\\\${host}${native}`;
}

/** Whether `path` is absolute by `rules`. A POSIX path on Windows is not. */
export function isAbsolutePath(path: string, rules: typeof posix): boolean {
  return rules === posix ? path.startsWith('/') : /^([A-Za-z]:[\\/]|\\\\|\/\/)/.test(path);
}

/** @throws {CodexfsError} when no JSON text and so no server could hold `path` */
export function checkRemotePath(path: string): void {
  if (path.includes('\0')) throw new CodexfsError('invalid_request', 'a path cannot hold a NUL');
  if (!isWellFormed(path)) throw new CodexfsError('invalid_request', 'the path is not valid Unicode');
}

function encodeSegments(path: string): string {
  return path
    .split('/')
    .map((segment, index) => {
      const isDrive = index === 0 && /^[A-Za-z]:$/.test(segment);
      return isDrive ? segment : encodeURIComponent(segment);
    })
    .join('/');
}

function decodeSegments(encoded: string): string {
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch (cause) {
    throw new ProtocolError('path', 'the server sent a path whose percent-encoding is broken', { cause });
  }
  if (path.includes('\0')) throw new ProtocolError('path', 'the server sent a path with a NUL in it');
  return path;
}

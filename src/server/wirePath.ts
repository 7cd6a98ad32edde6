// Paths on the wire: file URIs and native absolute paths from exec-server clients, native ones from app-server clients.
// A path is taken as it is or refused, so that what was checked is what is opened.

import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isWellFormed } from '../fs/entryName.js';
import { SchemaMismatch } from '../protocol/methods.js';

export type ClientKind = 'exec-server' | 'app-server';

/** A path in this host's form, and the form in which its client wrote it. */
export interface WirePath {
  readonly native: string;
  readonly form: 'uri' | 'native';
}

/** @throws {SchemaMismatch} for what is no absolute path of this host; `field` is the member it came in */
export function readWirePath(text: string, client: ClientKind, field = 'path'): WirePath {
  const path: WirePath =
    client === 'exec-server' && hasScheme(text)
      ? { native: nativeOfUri(text, field), form: 'uri' }
      : { native: text, form: 'native' };
  if (!isAbsolute(path.native)) {
    const forms = client === 'exec-server' ? 'a file URI or an absolute path' : 'an absolute path';
    throw new SchemaMismatch(field, `expected ${forms}`);
  }
  if (path.native.includes('\0')) throw new SchemaMismatch(field, 'a path cannot hold a NUL');
  if (!isWellFormed(path.native)) throw new SchemaMismatch(field, 'the path is not valid Unicode');
  return path;
}

/** `native` in the form in which `asked` was written. */
export function writeWirePath(native: string, asked: WirePath): string {
  return asked.form === 'uri' ? fileUriOf(native) : native;
}

export function fileUriOf(native: string): string {
  return pathToFileURL(native).href;
}

/** A single letter before the colon is a Windows drive. */
function hasScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text);
}

/** Refuses what URL parsers would quietly cut off or turn into another path: query, fragment, host, `%2F`, `%00`. */
function nativeOfUri(uri: string, field: string): string {
  const scheme = uri.slice(0, uri.indexOf(':')).toLowerCase();
  if (scheme !== 'file') throw new SchemaMismatch(field, `unsupported path URI scheme \`${scheme.slice(0, 32)}\``);
  if (uri.includes('?')) throw new SchemaMismatch(field, 'query parameters are not allowed in path URIs');
  if (uri.includes('#')) throw new SchemaMismatch(field, 'fragments are not allowed in path URIs');
  if (!isWellFormed(uri)) throw new SchemaMismatch(field, 'the path is not valid Unicode');
  // URL parsers drop control characters and outer spaces, and take a backslash for a slash.
  if (/[\0-\x1f\\]|^ | $/.test(uri)) throw new SchemaMismatch(field, 'the URI must be percent-encoded');
  try {
    return fileURLToPath(uri);
  } catch {
    throw new SchemaMismatch(field, 'the URI is not a path on this host');
  }
}

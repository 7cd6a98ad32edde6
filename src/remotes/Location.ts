// What a word on the command line means: a local path, a path on a remote, or a standard stream. It looks nothing up.

import { UsageError } from '../errors.js';

export type Location =
  | { readonly kind: 'local'; readonly path: string; readonly word: string }
  | { readonly kind: 'stream'; readonly word: '-' }
  /** `remote` is empty for the default remote. */
  | { readonly kind: 'remote'; readonly remote: string; readonly path: string; readonly word: string }
  | { readonly kind: 'url'; readonly url: string; readonly path: string; readonly word: string };

const remoteWord = /^([A-Za-z0-9_-]{2,64})?:([\s\S]*)$/;
const driveWord = /^[A-Za-z]:/;
const urlWord = /^(wss?):\/\//i;

/** The meaning of `word`. @throws {UsageError} when it looks remote but cannot be */
export function parseLocation(word: string): Location {
  if (word === '') throw new UsageError('an empty word is no location', { hint: 'use . for the current directory' });
  if (word === '-') return { kind: 'stream', word };
  if (urlWord.test(word)) return parseUrl(word);
  if (driveWord.test(word)) return { kind: 'local', path: word, word };
  const match = remoteWord.exec(word);
  if (match === null) return { kind: 'local', path: word, word };
  return { kind: 'remote', remote: match[1] ?? '', path: match[2] ?? '', word };
}

/** Whether `word` names a remote if there is one of that name, as `NAME:PATH`, as `:PATH`, or forgetting the colon. */
export function mayNameRemote(word: string): boolean {
  return !urlWord.test(word) && /^(?::|[A-Za-z0-9_-]{2,64}(?::|$))/.test(word);
}

function parseUrl(word: string): Location {
  const match = /^(wss?:\/\/[^/?#\u0000-\u0020\u007f]+)(\/[\s\S]*)?$/i.exec(word);
  const [, origin = '', encodedPath = '/'] = match ?? [];
  if (origin === '' || /^[^:]*:\/\/[^/]*@/.test(word)) {
    throw new UsageError(`\`${redactUrl(word)}\` is not a location`, {
      hint: 'write ws://HOST:PORT/PATH; a token goes into CODEX_EXEC_SERVER_CONNECTION_TOKEN or --token-file',
    });
  }
  checkServerUrl(origin, redactUrl(word));
  try {
    return { kind: 'url', url: origin, path: decodeURIComponent(encodedPath), word };
  } catch (cause) {
    throw new UsageError(`the path of \`${word}\` is not percent-encoded`, { cause, hint: 'write % as %25' });
  }
}

/**
 * @throws {UsageError} unless `url` is a `ws:` or `wss:` address without credentials, a query or a fragment; the error holds
 *   nothing of them, nor does its cause, and shows `shown` for the URL
 */
export function checkServerUrl(url: string, shown = redactUrl(url)): URL {
  const parsed = parsedUrl(url);
  if (parsed === undefined)
    throw new UsageError(`\`${shown}\` is not a URL`, { hint: 'write ws://HOST:PORT, or exec: before a program' });
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw new UsageError(`\`${shown}\` is not a ws: or wss: URL`);
  }
  if (parsed.username !== '' || parsed.password !== '' || /[?#]/.test(url)) {
    throw new UsageError(`the URL \`${shown}\` holds more than an address: a user name, a password, or a query`, {
      hint: 'a token goes into CODEX_EXEC_SERVER_CONNECTION_TOKEN or --token-file',
    });
  }
  return parsed;
}

/** Without the parser's error, which holds all of the text. */
function parsedUrl(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** `url` for people: without what stands before an `@` or behind a `?` or `#`, which may be a secret. */
export function redactUrl(url: string): string {
  return url.replace(/\/\/[\s\S]*@/, '//…@').replace(/([?#])[\s\S]+$/, '$1…');
}

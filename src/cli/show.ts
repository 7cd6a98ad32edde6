// Text from elsewhere made safe to print: nothing in it can move the cursor, change a colour, or reorder what is read.

import { limits } from '../protocol/limits.js';

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, what changes the direction of text, byte order marks
 * and lone surrogates.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What a shell takes as one word without quotes, and a terminal shows as it is. */
const plainWord = /^(?![~#=])(?:[\w@%+=:,./~#-]|[^\p{ASCII}\p{Z}\p{C}])+$/u;

const namedEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` in one line with every unsafe character as a visible escape, cut at `limits.shownTextChars` characters. */
export function show(text: string): string {
  const escaped = text.slice(0, limits.shownTextChars + 1).replace(unsafe, escapeOf);
  return escaped.length <= limits.shownTextChars ? escaped : `${cut(escaped)}…`;
}

/**
 * `name` as GNU ls writes it on a terminal: as it is when a shell would take it so, else quoted for a shell, with
 * `$'…'` around what cannot be shown.
 */
export function shellQuoted(name: string): string {
  if (plainWord.test(name)) return name;
  const pieces = name.split(/((?:[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff])+)/);
  return pieces.map((piece, index) => (index % 2 === 0 ? quoted(piece) : `$'${bytesOf(piece)}'`)).join('') || "''";
}

function escapeOf(character: string): string {
  const named = namedEscapes[character];
  if (named !== undefined) return named;
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function quoted(piece: string): string {
  return piece === '' ? '' : `'${piece.replaceAll("'", "'\\''")}'`;
}

/** What `$'…'` makes these characters of again: their UTF-8 bytes. */
function bytesOf(piece: string): string {
  const escapes = [...Buffer.from(piece)].map(
    (byte) => namedEscapes[String.fromCharCode(byte)] ?? `\\x${hex(byte, 2)}`,
  );
  return escapes.join('');
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Not in the middle of a pair, whose half would be unsafe again. */
function cut(text: string): string {
  return text.slice(0, limits.shownTextChars - 1).replace(/[\ud800-\udbff]$/, '');
}

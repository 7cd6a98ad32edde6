// A record as a line of JSON, safe to print whatever names are in it.

import type { JsonRecord } from './recordSchemas.js';

/** The version of the records' form. */
const formVersion = 1;

/** What JSON lets stand and a terminal obeys or hides: DEL, C1, marks of direction, line separators, byte order marks. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** `record` with its version, in one line with the line end. */
export function recordText(record: JsonRecord): string {
  const text = JSON.stringify({ v: formVersion, ...record });
  return `${text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

// A name as it is written to stdout: data off a terminal, safe to look at on one.

import type { Output } from './Output.js';
import { shellQuoted } from './show.js';

/** `name` as it is, or on a terminal quoted for a shell where that would read it otherwise. */
export function shownName(name: string, { stdout }: Output): string {
  return stdout.isTTY === true ? shellQuoted(name) : name;
}

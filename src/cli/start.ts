// The very first file: answers `codexfs --version` without loading the program, which would take longer than all else.

import { writeSync } from 'node:fs';
import { version } from '../version.js';

if (Symbol.asyncDispose === undefined) {
  console.error(`codexfs: Node 20.19 or later is needed, and this is ${process.version}`);
  process.exit(2);
}
if (!isVersionTold(process.argv.slice(2))) await import('./main.js');

/** Whether `words` ask for the version alone, and it could be written: what goes wrong is told by the program itself. */
function isVersionTold(words: readonly string[]): boolean {
  if (words.length !== 1 || words[0] !== '--version') return false;
  try {
    writeSync(process.stdout.fd, `${version}\n`);
    return true;
  } catch {
    return false;
  }
}

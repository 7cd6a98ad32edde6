// The lines of a text file anywhere, or of standard input, as they come.

import { StringDecoder } from 'node:string_decoder';
import { FileError } from '../../errors.js';
import { Source } from '../../transfer/Source.js';
import { asFileLocation, endpointOf, parseLocations } from '../operands.js';
import type { Run } from '../Run.js';

/** Characters of a line: longer than a sum with any path, escaped. Bounds memory whatever the file is. */
const maxLineChars = 64 * 1024;

/** The lines of what `word` names, without line ends. @throws {CodexfsError} when it cannot be read or is no text */
export async function* linesOf(word: string, run: Run): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const bytes of word === '-' ? process.stdin : bytesAt(word, run)) {
    const lines = (rest + decoder.write(bytes as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineChars) throw new FileError('refused', 'read', word, 'a line in it is too long for a list');
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoder.end();
  if (rest !== '') yield withoutReturn(rest);
}

async function* bytesAt(word: string, run: Run): AsyncGenerator<Buffer, void, void> {
  for (const location of parseLocations([word], run.registry)) {
    const at = await endpointOf(asFileLocation(location, run.command), run);
    await using source = await Source.open(at, { signal: run.signal });
    for await (const { bytes } of source.chunks()) yield bytes;
  }
}

/** Lists that came through Windows end their lines in two characters. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

// --files-from: the sources that a file or another program lists, one a line, or with -0 each ended by a NUL.

import { CodexfsError } from '../../errors.js';
import { fileErrorFrom } from '../../protocol/codes.js';
import { readOptionFile } from '../filterOptions.js';
import type { FileLocation, Operand } from '../operands.js';

/** The paths below `root` that `file` lists, `-` for the standard input, in order and each once. @throws {CodexfsError} when it cannot be read */
export async function listedSources(root: FileLocation, file: string, isNulSeparated: boolean): Promise<Operand[]> {
  const text = file === '-' ? await readInput() : await readOptionFile(file, '--files-from');
  const lines = text.split(isNulSeparated ? '\0' : /\r?\n/).filter((line) => line !== '');
  // What `find` writes begins with `./`, and what some write with `/`: both are below the root.
  const names = lines.map((line) => line.split('/').filter((name) => name !== '' && name !== '.'));
  const once = new Map(names.map((listed) => [listed.join('/'), listed]));
  return [...once.values()].map((listed) => sourceBelow(root, listed));
}

function sourceBelow(root: FileLocation, listed: readonly string[]): FileLocation {
  const path = below(root.path, listed);
  const word = below(root.word, root.kind === 'url' ? listed.map(encodeURIComponent) : listed);
  const failure = listed.includes('..') ? new CodexfsError('unsafe_name', 'leads out of the source') : undefined;
  return { ...root, path, word, listed, failure };
}

function below(start: string, names: readonly string[]): string {
  const isWhole = names.length === 0 || start === '' || /[:/]$/.test(start);
  return `${start}${isWhole ? '' : '/'}${names.join('/')}`;
}

async function readInput(): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of process.stdin) pieces.push(piece as Buffer);
  } catch (error) {
    throw fileErrorFrom(error, 'read', 'standard input');
  }
  return Buffer.concat(pieces).toString('utf8');
}

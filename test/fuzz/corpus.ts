// Inputs that are tried in every run: some chosen by hand, and every one that ever failed. One file each: test/corpus/TARGET/NAME.json.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../helpers/repository.js';

const directory = join(repositoryRoot, 'test/corpus');

export interface Kept {
  readonly name: string;
  readonly input: unknown;
}

/** What is kept for `target`, by name. */
export async function keptInputs(target: string): Promise<Kept[]> {
  const names = (await readdir(join(directory, target)).catch(() => []))
    .filter((name) => name.endsWith('.json'))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      return { name, input: JSON.parse(await readFile(join(directory, target, name), 'utf8')) as unknown };
    }),
  );
}

/** Keeps an input; the name of its file. */
export async function keep(target: string, input: unknown, name = digestOf(input)): Promise<string> {
  await mkdir(join(directory, target), { recursive: true });
  const path = join(directory, target, `${name}.json`);
  await writeFile(path, `${JSON.stringify(input, undefined, 2)}\n`);
  return path;
}

function digestOf(input: unknown): string {
  return `failed-${createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 12)}`;
}

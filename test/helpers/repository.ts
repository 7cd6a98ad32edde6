// Where things are in this repository, found from the compiled file and not from the working directory.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. This file runs as dist/test/helpers/repository.js. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The files below `directory` whose names end in `suffix`, as sorted paths relative to it. */
export async function filesBelow(directory: string, suffix: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      const below = await filesBelow(join(directory, entry.name), suffix);
      found.push(...below.map((path) => `${entry.name}/${path}`));
    } else if (entry.name.endsWith(suffix)) found.push(entry.name);
  }
  return found.sort();
}

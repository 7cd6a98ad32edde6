// Writes schema/*.json, one file for each method, from the table that the program itself checks by: `node dist/scripts/generateSchema.js`.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaFiles } from './schemaFiles.js';

const directory = fileURLToPath(new URL('../../schema/', import.meta.url));
await mkdir(directory, { recursive: true });
for (const [name, text] of schemaFiles()) await writeFile(join(directory, name), text);

// A piece of a program in a process of its own, below limits that the test must not have itself.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './repository.js';
import { temporaryDirectory } from './temporaryDirectory.js';

/** Where the compiled sources are, for imports of the code that runs in a child. */
export const sourceUrl = pathToFileURL(join(repositoryRoot, 'dist/src/')).href;

/**
 * Runs the module `code` behind `wrapper` (a program and its arguments) and parses what it prints as JSON.
 * Inside, `source('errors.js')` imports a compiled source.
 */
export async function inChild(code: string, wrapper: readonly string[] = []): Promise<unknown> {
  await using directory = await temporaryDirectory();
  const file = directory.join('code.mjs');
  await writeFile(file, `const source = (path) => import('${sourceUrl}' + path);\n${code}`);
  const [program = process.execPath, ...args] = [...wrapper, process.execPath, file];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(program, args, { timeout: 20_000, killSignal: 'SIGKILL' }, (error, output, stderr) => {
      if (error === null) resolve(output);
      else reject(new Error(`${program} failed: ${stderr}`, { cause: error }));
    });
  });
  return JSON.parse(stdout);
}

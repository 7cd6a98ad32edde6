// Codex as it was released earlier, from the npm registry, in a folder that git does not see. Brought once for each version.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesBelow, repositoryRoot } from './repository.js';

const run = promisify(execFile);

/** The native program of `version`, brought if it is not there yet. */
export async function codexRelease(version: string): Promise<string> {
  const releases = join(repositoryRoot, '.cache/codex');
  const folder = join(releases, version);
  await mkdir(releases, { recursive: true });
  const found = await programIn(folder);
  if (found !== undefined) return found;
  const unfinished = await mkdtemp(join(releases, `${version}-`));
  try {
    const name = `@openai/codex@${version}-${process.platform}-${process.arch}`;
    const { stdout } = await run('npm', ['pack', '--silent', name], { cwd: unfinished });
    const tarball = stdout.trim();
    await run('tar', ['-xzf', tarball], { cwd: unfinished });
    await rm(join(unfinished, tarball));
    // In one step: another run may be bringing the same.
    await rename(unfinished, folder).catch(() => {});
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const program = await programIn(folder);
  if (program === undefined) throw new Error(`there is no program in what npm has as codex ${version}`);
  return program;
}

/** It stands in `vendor/TARGET/bin`, before 0.130 in `vendor/TARGET/codex`. */
async function programIn(folder: string): Promise<string | undefined> {
  const paths = await filesBelow(folder, 'codex').catch(() => []);
  const path = paths.find((candidate) => /\/vendor\/[^/]+\/(bin|codex)\/codex$/.test(`/${candidate}`));
  return path === undefined ? undefined : join(folder, path);
}

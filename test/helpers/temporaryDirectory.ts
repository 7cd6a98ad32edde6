// A folder that is gone when its scope ends.

import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
  /** The absolute path of `name` inside. */
  join(...names: string[]): string;
}

/** Makes an empty folder below `parent`; disposing removes it with all that is in it. */
export async function temporaryDirectory(parent = tmpdir()): Promise<TemporaryDirectory> {
  const path = await realpath(await mkdtemp(join(parent, 'codexfs-test-')));
  return {
    path,
    join: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

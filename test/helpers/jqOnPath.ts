// The jq that a documented command line calls: the installed one, and a stand-in that knows only the filter of the nightly job, so
// that the line is tried on machines without jq too.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putCodexfsIn } from './servers.js';
import { unavailable } from './unavailable.js';

export type Jq = 'jq' | 'a stand-in for jq';

/** The kinds that there are here. Both must judge alike: the stand-in is only worth what the real one confirms. */
export const jqs: readonly Jq[] =
  unavailable('jq', '--version') === undefined ? ['jq', 'a stand-in for jq'] : ['a stand-in for jq'];

/** A PATH, through the folder `bin` that is filled for it, with `codexfs` and this jq before what the machine has. */
export async function pathWith(jq: Jq, bin: string): Promise<string> {
  await putCodexfsIn(bin);
  if (jq !== 'jq') {
    const program = fileURLToPath(new URL('standInForJq.js', import.meta.url));
    await writeFile(join(bin, 'jq'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  }
  return `${bin}:${process.env.PATH}`;
}

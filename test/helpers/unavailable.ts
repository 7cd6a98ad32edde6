// Why a test that needs more than Node cannot run on this machine.

import { execFileSync } from 'node:child_process';

/** A reason to skip if `program` with `args` does not run here, else undefined. */
export function unavailable(program: string, ...args: string[]): string | undefined {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return undefined;
  } catch {
    return `\`${[program, ...args].join(' ')}\` does not work here`;
  }
}

/** The start of a command that runs as somebody who owns nothing; only root can do that. */
export const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

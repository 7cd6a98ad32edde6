// Whether this process may write over what is on its terminal: a shell that has sent it into the background uses it itself.

import { readFileSync } from 'node:fs';

/** True also where nobody can say: outside of Linux, and without a terminal. */
export function isInForeground(): boolean {
  try {
    // Behind the name, which may hold anything: state, parent, process group, session, terminal, group in the foreground.
    const [, rest = ''] = /\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'latin1')) ?? [];
    const [, , group, , , foreground] = rest.split(' ').map(Number);
    return foreground === undefined || foreground <= 0 || foreground === group;
  } catch {
    return true;
  }
}

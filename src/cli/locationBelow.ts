// What stands below a location, as a word that is a location again and can be given to another command.

import type { FileLocation } from './operands.js';

/** The location that `names` lead to below the directory `root`, in the form in which `root` was typed. */
export function locationBelow(root: FileLocation, names: readonly string[]): string {
  if (names.length === 0) return root.word;
  const parts = root.kind === 'url' ? names.map(encoded) : names;
  const separator = endsInSeparator(root) ? '' : '/';
  // `box:~/a` would be below the home directory there.
  const here = root.kind === 'remote' && root.path === '' && names[0] === '~' ? './' : '';
  return `${root.word}${separator}${here}${parts.join('/')}`;
}

/** A name that is no Unicode cannot be a location: it is told about with U+FFFD in the place of what is none. */
function encoded(name: string): string {
  return encodeURIComponent(Buffer.from(name).toString());
}

function endsInSeparator({ kind, path, word }: FileLocation): boolean {
  return word.endsWith('/') || (kind === 'remote' && path === '');
}

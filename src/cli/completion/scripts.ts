// What each shell is told, once, to ask codexfs for completions. All thinking is done by `codexfs __complete`, which answers with a
// candidate a line; a blank at its end says that the word is complete.

import type { Shell } from './shells.js';

/** bash splits at characters of its own choosing, so it hands over the line and these. */
const bash = `_codexfs() {
  local IFS=$'\\n'
  COMPREPLY=($(codexfs __complete bash -- "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
}
complete -o nospace -F _codexfs codexfs
`;

const zsh = `#compdef codexfs
_codexfs() {
  local -a found
  found=("\${(@f)$(codexfs __complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  compadd -S ' ' -- "\${(@)\${(@M)found:#* }% }"
  compadd -S '' -- "\${(@)found:#(* |)}"
}
if [ "\${funcstack[1]}" = _codexfs ]; then
  _codexfs "$@"
else
  compdef _codexfs codexfs
fi
`;

const fish = `function __codexfs_complete
    set -l words (commandline -opc)
    codexfs __complete fish -- $words[2..-1] (commandline -ct | string unescape) 2>/dev/null
end
complete -c codexfs -f -a '(__codexfs_complete)'
`;

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

// Brace expansion, as shells do it before anything else: `{a,b}.txt` is two words, whether or not such files exist.

/** The words that `word` stands for, in order; itself if it has no braces with a comma in them. A backslash takes a sign's meaning away. */
export function expandBraces(word: string): string[] {
  const group = firstGroup(word);
  if (group === undefined) return [word];
  const { start, commas, end } = group;
  let from = start + 1;
  const alternatives = [...commas, end].map((bound) => {
    const alternative = word.slice(from, bound);
    from = bound + 1;
    return alternative;
  });
  const tails = expandBraces(word.slice(end + 1));
  return alternatives.flatMap((alternative) =>
    expandBraces(alternative).flatMap((middle) => tails.map((tail) => word.slice(0, start) + middle + tail)),
  );
}

interface Group {
  readonly start: number;
  /** Where the commas are that divide this group, and not one inside it. */
  readonly commas: readonly number[];
  readonly end: number;
}

/** The first braces that hold a comma of their own and are closed. */
function firstGroup(word: string): Group | undefined {
  for (let start = signAt(word, '{', 0); start >= 0; start = signAt(word, '{', start + 1)) {
    const group = groupFrom(word, start);
    if (group !== undefined) return group;
  }
  return undefined;
}

function groupFrom(word: string, start: number): Group | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let at = start; at < word.length; at++) {
    const sign = word[at];
    if (sign === '\\') at++;
    else if (sign === '{') depth++;
    else if (sign === ',' && depth === 1) commas.push(at);
    else if (sign === '}' && --depth === 0) return commas.length === 0 ? undefined : { start, commas, end: at };
  }
  return undefined;
}

function signAt(word: string, sign: string, from: number): number {
  for (let at = from; at < word.length; at++) {
    if (word[at] === '\\') at++;
    else if (word[at] === sign) return at;
  }
  return -1;
}

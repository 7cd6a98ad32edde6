// Two texts as a unified diff.

import { show } from '../show.js';

/** Changed lines beyond which two texts have little to do with each other, and finding the shortest way takes long. */
const maxEdits = 1_000;

export interface TextsToCompare {
  readonly names: { readonly first: string; readonly second: string };
  readonly first: string;
  readonly second: string;
  /** Whether what is in the texts must not reach a terminal as it is. */
  readonly isTerminal: boolean;
}

/** What patch(1) takes, line ends included; undefined where the texts differ in too much. */
export async function textDiff({ names, first, second, isTerminal }: TextsToCompare): Promise<string | undefined> {
  const { structuredPatch } = await import('diff');
  const options = { context: 3, maxEditLength: maxEdits };
  const patch = structuredPatch(names.first, names.second, first, second, undefined, undefined, options);
  if (patch === undefined) return undefined;
  const shown = isTerminal ? show : (text: string) => text;
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${rangeOf(hunk.oldStart, hunk.oldLines)} +${rangeOf(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines.map(shown),
  ]);
  return [`--- ${show(names.first)}`, `+++ ${show(names.second)}`, ...lines].map((line) => `${line}\n`).join('');
}

/** A range of no lines is told by the line before it, as GNU diff does; the library says the line behind. */
function rangeOf(start: number, count: number): string {
  const first = count === 0 ? start - 1 : start;
  return count === 1 ? String(first) : `${first},${count}`;
}

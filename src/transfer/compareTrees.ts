// What stands beside what in two trees. Contents are not looked at.

import type { TreeNode } from './readTree.js';

/** One name that is in either tree; of a directory that is in both, its contents follow. */
export type Pair =
  | { readonly type: 'onlyFirst'; readonly first: TreeNode }
  | { readonly type: 'onlySecond'; readonly second: TreeNode }
  | { readonly type: 'both'; readonly first: TreeNode; readonly second: TreeNode };

/** The names below `first` and `second` in order, those of a directory right behind it. */
export function* pairsOf(first: TreeNode, second: TreeNode): Generator<Pair, void, void> {
  const others = new Map(second.children.map((child) => [child.name, child]));
  const own = new Set(first.children.map(({ name }) => name));
  const names = [...own, ...[...others.keys()].filter((name) => !own.has(name))].sort();
  const firsts = new Map(first.children.map((child) => [child.name, child]));
  for (const name of names) {
    const [a, b] = [firsts.get(name), others.get(name)];
    if (a === undefined && b !== undefined) yield { type: 'onlySecond', second: b };
    else if (b === undefined && a !== undefined) yield { type: 'onlyFirst', first: a };
    else if (a !== undefined && b !== undefined) yield* pairOf(a, b);
  }
}

function* pairOf(first: TreeNode, second: TreeNode): Generator<Pair, void, void> {
  yield { type: 'both', first, second };
  if (first.kind === 'directory' && second.kind === 'directory') yield* pairsOf(first, second);
}

// Which files of a copy are wanted, by patterns with the meaning that they have in a .gitignore: the last that matches decides,
// and what is in an excluded directory is excluded with it.

import type { FileInfo } from '../fs/FileSystem.js';

interface Matcher {
  ignores(path: string): boolean;
}

export class Selection {
  readonly #tree: Matcher;
  readonly #operands: Matcher;

  /** By `patterns`, in order; a `!` before one takes back what those before it exclude. */
  static async of(patterns: readonly string[]): Promise<Selection> {
    const { default: ignore } = await import('ignore');
    const matcher = (some: readonly string[]) => ignore({ ignorecase: false }).add(some.join('\n'));
    return new Selection(matcher(patterns), matcher(patterns.filter((pattern) => !isAnchored(pattern))));
  }

  private constructor(tree: Matcher, operands: Matcher) {
    this.#tree = tree;
    this.#operands = operands;
  }

  /** Whether what `names` lead to from the root of a tree is wanted; only asked of what is in wanted directories. */
  readonly isWanted = (names: readonly string[], kind: FileInfo['kind']): boolean =>
    names.length === 0 || !this.#tree.ignores(pathOf(names, kind));

  /** Whether an operand called `name` is wanted: patterns with a slash in them are about what is in directories. */
  readonly isWantedOperand = (name: string, kind: FileInfo['kind']): boolean =>
    !this.#operands.ignores(pathOf([name], kind));
}

function isAnchored(pattern: string): boolean {
  return pattern.replace(/^!/, '').trimEnd().slice(0, -1).includes('/');
}

function pathOf(names: readonly string[], kind: FileInfo['kind']): string {
  return `${names.join('/')}${kind === 'directory' ? '/' : ''}`;
}

// codexfs tree: what is below a directory as a drawing, and how much of it there is.

import { FileError } from '../../errors.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { readTree, type TreeNode } from '../../transfer/readTree.js';
import { existingLocations, forEachOperand } from '../eachOperand.js';
import { LineWriter } from '../LineWriter.js';
import { locationBelow } from '../locationBelow.js';
import type { FileLocation } from '../operands.js';
import { counted } from '../quantities.js';
import type { Run } from '../Run.js';
import { shownName } from '../shownName.js';

export interface TreeOptions {
  /** How deep to look. */
  readonly level?: number;
  /** Directories only. */
  readonly dirs?: boolean;
  /** Also what begins with a dot. */
  readonly all?: boolean;
  /** Whether links to directories are entered. */
  readonly follow?: boolean;
}

/** Draws the directories that `words` name. @throws {UsageError} before anything was attempted */
export async function runTree(words: readonly string[], options: TreeOptions, run: Run): Promise<void> {
  const drawing = new Drawing(options, run);
  await forEachOperand(await existingLocations(words, run), run, (at, location) => drawing.add(at, location));
  await drawing.end();
}

class Drawing {
  readonly #options: TreeOptions;
  readonly #run: Run;
  readonly #lines: LineWriter;
  #directoryCount = 0;
  #fileCount = 0;

  constructor(options: TreeOptions, run: Run) {
    this.#options = options;
    this.#run = run;
    this.#lines = new LineWriter(run.output);
  }

  async add(at: Endpoint, location: FileLocation): Promise<void> {
    const { kind } = await at.fileSystem.stat(at.path, { signal: this.#run.signal });
    if (kind !== 'directory') throw new FileError('not_directory', 'list', at.path, 'is not a directory');
    const unread = new Set<string>();
    const root = await readTree(at, {
      signal: this.#run.signal,
      links: this.#options.follow ? 'follow' : 'skip',
      maxDepth: this.#options.level,
      isWanted: (names) => this.#options.all === true || names.at(-1)?.startsWith('.') !== true,
      onProblem: (error, names) => {
        unread.add(names.join('/'));
        this.#run.failed(error, locationBelow(location, names));
      },
    });
    this.#directoryCount++;
    await this.#lines.write(`${shownName(location.word, this.#run.output)}\n`);
    await this.#drawBelow(root, '', unread);
    await this.#lines.flush();
    this.#run.done();
  }

  /** How much was drawn, the directories that were asked for included. */
  async end(): Promise<void> {
    if (this.#directoryCount === 0) return;
    const directories = this.#directoryCount === 1 ? '1 directory' : `${this.#directoryCount} directories`;
    const files = this.#options.dirs ? '' : `, ${counted(this.#fileCount, 'file')}`;
    await this.#run.output.data(`\n${directories}${files}\n`);
  }

  async #drawBelow({ children }: TreeNode, indent: string, unread: ReadonlySet<string>): Promise<void> {
    const drawn = children.filter(({ kind }) => kind === 'directory' || this.#options.dirs !== true);
    for (const [index, node] of drawn.entries()) {
      const isLast = index === drawn.length - 1;
      const isUnread = node.kind === 'directory' && unread.has(node.names.join('/'));
      const remark = isUnread ? ' [cannot be read]' : remarks[node.kind];
      const name = shownName(node.name, this.#run.output);
      await this.#lines.write(`${indent}${isLast ? '└── ' : '├── '}${name}${remark}\n`);
      if (node.kind === 'directory') this.#directoryCount++;
      else this.#fileCount++;
      await this.#drawBelow(node, `${indent}${isLast ? '    ' : '│   '}`, unread);
    }
  }
}

const remarks: Readonly<Record<TreeNode['kind'], string>> = {
  file: '',
  directory: '',
  link: ' [link]',
  special: ' [special]',
};

// Trees on disk as values: made of a plain object, and read back as one to be compared.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths and the contents of files there; a path that ends in a slash is an empty directory. */
export type Tree = Readonly<Record<string, string>>;

export async function makeTree(root: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    const isDirectory = path.endsWith('/');
    await mkdir(join(root, isDirectory ? path : join(path, '..')), { recursive: true });
    if (!isDirectory) await writeFile(join(root, path), content);
  }
}

/** What is below `root`: every directory with a slash behind it, every file with its content. Links are followed. */
export async function treeOf(root: string, prefix = ''): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const name of (await readdir(join(root, prefix)).catch(() => [])).sort()) {
    const path = join(prefix, name);
    const content = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (content !== undefined) tree[path] = content;
    else Object.assign(tree, { [`${path}/`]: '' }, await treeOf(root, path));
  }
  return tree;
}

// Trees on disk as values: made of a plain object, and read back as one to be compared.

import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './content.js';

/** Paths and the contents of files there; a path that ends in a slash is an empty directory. */
export type Tree = Readonly<Record<string, string>>;

export async function makeTree(root: string, tree: Tree): Promise<void> {
  await mkdir(root, { recursive: true });
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

/** Everything below `root` with its mode, inode, size and times: equal before and after what touches nothing. Follows no link. */
export async function snapshotOf(root: string, path = '.'): Promise<Record<string, string>> {
  const info = await lstat(join(root, path));
  const own = { [path]: [info.mode, info.ino, info.size, info.mtimeMs, info.ctimeMs].join(' ') };
  if (!info.isDirectory()) return own;
  const names = (await readdir(join(root, path))).sort();
  return Object.assign(own, ...(await Promise.all(names.map((name) => snapshotOf(root, join(path, name))))));
}

/** What is below `root`: every directory with a slash behind it, every file with its length and SHA-256. */
export async function hashesOf(root: string, prefix = ''): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const entries = await readdir(join(root, prefix), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) Object.assign(hashes, { [`${path}/`]: '' }, await hashesOf(root, `${path}/`));
    else {
      const content = await readFile(join(root, path));
      hashes[path] = `${content.length} ${await sha256(content)}`;
    }
  }
  return hashes;
}

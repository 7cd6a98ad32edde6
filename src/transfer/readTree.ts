// A whole tree in memory, for what has to see all of a directory before it can say anything of it.

import { type CodexfsError, FileError, hasCode } from '../errors.js';
import { mayStandForAnother } from '../fs/entryName.js';
import type { FileInfo } from '../fs/FileSystem.js';
import { limits } from '../protocol/limits.js';
import type { Endpoint } from './Endpoint.js';
import { forEachInParallel } from './inParallel.js';
import { type WalkItem, type WalkOptions, walkTree } from './walk.js';

/** What an entry is to who looks at a tree: a link is one unless it is followed, and `special` is a FIFO, socket or device. */
export type NodeKind = 'file' | 'directory' | 'link' | 'special';

export interface TreeNode {
  /** Empty for the root. */
  readonly name: string;
  /** They lead here from the root. */
  readonly names: readonly string[];
  readonly path: string;
  readonly kind: NodeKind;
  /** Of a directory, by their names. */
  readonly children: readonly TreeNode[];
  /** Undefined where it was not asked for, or could not be learned. */
  readonly info: FileInfo | undefined;
}

export interface ReadTreeOptions extends WalkOptions {
  /** Whether facts about an entry are wanted; each is a request of its own on a server. */
  readonly wantsInfo?: ((kind: NodeKind) => boolean) | undefined;
  /** Hears of what cannot be read, named or followed. A link that leads nowhere is an entry and no problem. */
  readonly onProblem: (error: CodexfsError, names: readonly string[]) => void;
}

type Growing = { -readonly [Key in keyof TreeNode]: TreeNode[Key] } & { readonly children: Growing[] };

/** All that is below the directory `at`. @throws {CodexfsError} when it cannot be read */
export async function readTree({ fileSystem, path }: Endpoint, options: ReadTreeOptions): Promise<TreeNode> {
  const root: Growing = { name: '', names: [], path, kind: 'directory', children: [], info: undefined };
  const directories = new Map([['', root]]);
  await forEachInParallel(walkTree(fileSystem, path, options), limits.statsInFlight, async (item) => {
    const kind = kindOfItem(item);
    if (isTrouble(item)) options.onProblem(item.error, item.names);
    if (kind === undefined) return;
    const node = childOf(item, kind);
    directories.get(keyOf(item.names.slice(0, -1)))?.children.push(node);
    if (kind === 'directory') directories.set(keyOf(item.names), node);
    if (options.wantsInfo?.(kind)) node.info = await infoOf(node, fileSystem, options);
  });
  for (const { children } of directories.values()) children.sort(byName);
  return root;
}

/** What `item` is in a tree; undefined for a problem that is no entry, or of one that was seen before. */
export function kindOfItem(item: WalkItem): NodeKind | undefined {
  if (item.type === 'entry') return item.kind;
  if (item.type === 'skipped') return item.reason;
  return hasCode(item.error, 'not_found', 'symlink_loop') ? 'link' : undefined;
}

/**
 * Whether `item` is to be told as a failure. A link that leads nowhere is an entry like others to who only looks, but what is not
 * found by a name with U+FFFD in it may be a file whose real name the server could not send.
 */
export function isTrouble(item: WalkItem): item is WalkItem & { readonly type: 'problem' } {
  return item.type === 'problem' && (!hasCode(item.error, 'not_found') || mayStandForAnother(item.names.at(-1) ?? ''));
}

/** By code units: the same on every machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function childOf({ names, path }: WalkItem, kind: NodeKind): Growing {
  return { name: names.at(-1) ?? '', names, path, kind, children: [], info: undefined };
}

async function infoOf(
  { path, names }: TreeNode,
  fileSystem: Endpoint['fileSystem'],
  options: ReadTreeOptions,
): Promise<FileInfo | undefined> {
  try {
    return await fileSystem.stat(path, options);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (!hasCode(error, 'not_found', 'symlink_loop')) options.onProblem(error, names);
    return undefined;
  }
}

function keyOf(names: readonly string[]): string {
  return names.join('/');
}

// Everything about paths that is not the bytes of a file: facts, listings, directories, removal, copies on this host.

import { encodedChars } from '../protocol/base64.js';
import type { Handlers } from '../rpc/Router.js';
import type { Call } from './Call.js';
import { copyOnHost } from './copyOnHost.js';
import type { ServedFileSystem } from './ServedFileSystem.js';
import { walkTree } from './walkTree.js';
import { readWirePath, writeWirePath } from './wirePath.js';

/** Bytes that a listing is taken for before it is made. */
const listingBytes = encodedChars(256 * 1024);

export function companionMethods(fileSystem: ServedFileSystem): Handlers<Call> {
  return {
    'fs/getMetadata': async ({ path }, call) => {
      const { native } = readWirePath(path, call.client);
      const info = await call.run(0, () => fileSystem.stat(native));
      return {
        isDirectory: info.kind === 'directory',
        isFile: info.kind === 'file',
        isSymlink: info.isSymlink,
        size: info.sizeBytes ?? null,
        createdAtMs: Math.floor(info.createdAtMs),
        modifiedAtMs: Math.floor(info.modifiedAtMs),
      };
    },
    'fs/readDirectory': async ({ path }, call) => {
      const { native } = readWirePath(path, call.client);
      const entries = await call.run(listingBytes, () => fileSystem.list(native));
      return {
        entries: entries.map(({ name, kind }) => ({
          fileName: name,
          isDirectory: kind === 'directory',
          isFile: kind === 'file',
        })),
      };
    },
    'fs/walk': async ({ path, options }, call) => {
      const asked = readWirePath(path, call.client);
      const walk = await call.run(listingBytes, () => walkTree(fileSystem, asked.native, options));
      const onWire = <T extends { readonly path: string }>(item: T) => ({
        ...item,
        path: writeWirePath(item.path, asked),
      });
      return { entries: walk.entries.map(onWire), errors: walk.errors.map(onWire), truncated: walk.truncated };
    },
    'fs/createDirectory': async ({ path, recursive }, call) => {
      const { native } = readWirePath(path, call.client);
      await call.run(0, () => fileSystem.makeDirectory(native, { recursive: recursive ?? true }));
      return {};
    },
    'fs/remove': async ({ path, recursive, force }, call) => {
      const { native } = readWirePath(path, call.client);
      const options = { recursive: recursive ?? true, force: force ?? true };
      await call.run(0, () => fileSystem.remove(native, options));
      return {};
    },
    'fs/copy': async ({ sourcePath, destinationPath, recursive }, call) => {
      const from = readWirePath(sourcePath, call.client, 'sourcePath').native;
      const to = readWirePath(destinationPath, call.client, 'destinationPath').native;
      await call.run(0, () => copyOnHost(fileSystem, from, to, { recursive }));
      return {};
    },
    'fs/canonicalize': async ({ path }, call) => {
      const asked = readWirePath(path, call.client);
      return { path: writeWirePath(await call.run(0, () => fileSystem.canonicalize(asked.native)), asked) };
    },
  };
}

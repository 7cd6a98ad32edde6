// The `handles` dialect: positional reads and appending writes on handles, with an authoritative eof. docs/PROTOCOL.md has the rules.

import { CodexfsError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Handlers } from '../rpc/Router.js';
import type { Call } from './Call.js';
import { FileHandles } from './FileHandles.js';
import type { ServedFileSystem } from './ServedFileSystem.js';
import { readWirePath } from './wirePath.js';

const chunkBytes = limits.handlesChunkBytes;

/** The handlers of one session on its own `handles`. */
export function handlesMethods(fileSystem: ServedFileSystem, handles: FileHandles): Handlers<Call> {
  return {
    'fs/readFile/open': async ({ handleId, path }, call) => {
      checkHandleId(handleId);
      const { native } = readWirePath(path, call.client);
      await handles.open(handleId, 'read', () => call.run(0, () => fileSystem.openRead(native)));
      return { maxChunkBytes: chunkBytes };
    },
    'fs/readFile/read': async ({ handleId, offset, maxBytes = chunkBytes }, call) => {
      if (maxBytes < 1) throw new CodexfsError('invalid_request', 'maxBytes must be at least 1');
      const length = Math.min(maxBytes, chunkBytes);
      const { bytes, eof } = await handles.run(handleId, 'read', (file) =>
        call.run(length, () => file.read(offset, length)),
      );
      return { dataBase64: bytes, eof };
    },
    'fs/readFile/stat': async ({ handleId }, call) => {
      const info = await handles.run(handleId, 'read', (file) => call.run(0, () => file.stat()));
      return {
        sizeBytes: info.sizeBytes ?? 0,
        createdAtMs: Math.floor(info.createdAtMs),
        modifiedAtMs: Math.floor(info.modifiedAtMs ?? 0),
      };
    },
    'fs/readFile/close': async ({ handleId }) => {
      await handles.close(handleId, 'read');
      return {};
    },
    'fs/writeFile/open': async ({ handleId, path }, call) => {
      checkHandleId(handleId);
      const { native } = readWirePath(path, call.client);
      await handles.open(handleId, 'write', () => call.run(0, () => fileSystem.openWrite(native)));
      return { maxChunkBytes: chunkBytes };
    },
    'fs/writeFile/write': async ({ handleId, dataBase64 }, call) => {
      checkChunkLength(dataBase64.length);
      await handles.run(handleId, 'write', (file) => call.run(0, () => file.write(dataBase64)));
      return {};
    },
    'fs/writeFile/close': async ({ handleId }) => {
      await handles.close(handleId, 'write');
      return {};
    },
  };
}

/** A table of the size that the dialect allows. */
export function handlesTable(): FileHandles {
  return new FileHandles(limits.handlesPerConnection);
}

function checkHandleId(id: string): void {
  if (id === '') throw new CodexfsError('invalid_request', 'file handle ID must not be empty');
  if (Buffer.byteLength(id) > limits.handleIdBytes) {
    throw new CodexfsError('invalid_request', `file handle ID must not exceed ${limits.handleIdBytes} bytes`);
  }
}

function checkChunkLength(length: number): void {
  if (length > chunkBytes) throw new CodexfsError('invalid_request', `a chunk must not exceed ${chunkBytes} bytes`);
}

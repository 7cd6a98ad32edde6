// The `blocks` dialect, as released exec-servers speak it: blocks at any offset, eof by shortness.

import { CodexfsError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Handlers } from '../rpc/Router.js';
import type { Call } from './Call.js';
import { FileHandles, type HandleKind } from './FileHandles.js';
import type { ServedFileSystem } from './ServedFileSystem.js';
import { readWirePath } from './wirePath.js';

/** The handlers of one session on its own `handles`. */
export function blocksMethods(fileSystem: ServedFileSystem, handles: FileHandles): Handlers<Call> {
  return {
    'fs/open': async ({ handleId, path, mode }, call) => {
      checkHandleId(handleId);
      const { native } = readWirePath(path, call.client);
      if (mode === 'replace') {
        await handles.open(handleId, 'write', () => call.run(0, () => fileSystem.openWrite(native)));
      } else {
        await handles.open(handleId, 'read', () => call.run(0, () => fileSystem.openRead(native)));
      }
      return { handleId };
    },
    'fs/readBlock': async ({ handleId, offset, len }, call) => {
      checkBlockLength('read', len);
      const chunk = await handles.run(handleId, 'read', (file) =>
        call.run(len, async () => (await file.read(offset, len)).bytes),
      );
      return { chunk, eof: chunk.length < len };
    },
    'fs/writeBlock': async ({ handleId, offset, chunk }, call) => {
      checkBlockLength('write', chunk.length);
      await handles.run(handleId, 'write', (file) => call.run(0, () => file.writeAt(offset, chunk)));
      return {};
    },
    'fs/close': async ({ handleId }) => {
      await handles.close(handleId);
      return {};
    },
  };
}

/** A table of the size that the dialect allows. */
export function blocksTable(): FileHandles {
  return new FileHandles(limits.blockHandlesPerConnection);
}

function checkHandleId(id: string): void {
  if (Buffer.byteLength(id) <= limits.blockHandleIdBytes) return;
  throw new CodexfsError('invalid_request', `file handle ID must not exceed ${limits.blockHandleIdBytes} bytes`);
}

function checkBlockLength(doing: HandleKind, length: number): void {
  if (length >= 1 && length <= limits.blockBytes) return;
  throw new CodexfsError('invalid_request', `file ${doing} block length must be between 1 and ${limits.blockBytes}`);
}

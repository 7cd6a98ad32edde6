// A server that does everything right, as a script to spoil: one file `/f` to read, and whatever is written.

import { fail, type Script, type SeenRequest } from '../helpers/evilServer.js';

export const honestContent = Buffer.alloc(700_000, 'codexfs ');

interface OpenFile {
  readonly path: string;
}

/** A fresh one for each server: it remembers what was written. */
export function honestScript(content: Buffer = honestContent): Script {
  const written = new Map<string, Buffer[]>();
  const open = new Map<string, OpenFile>();
  const bytesOf = (path: string): Buffer | undefined => {
    if (path.endsWith('/f')) return content;
    const pieces = written.get(path);
    return pieces === undefined ? undefined : Buffer.concat(pieces);
  };
  const pathOf = ({ params }: SeenRequest) => decodeURIComponent(String(params.path).replace('file://', ''));
  return {
    'fs/getMetadata': (request) => {
      const path = pathOf(request);
      if (path.endsWith('/dir') || path === '/') return facts({ isDirectory: true });
      const bytes = bytesOf(path);
      return bytes === undefined
        ? fail(-32004, 'No such file or directory (os error 2)')
        : facts({ size: bytes.length });
    },
    'fs/canonicalize': (request) => ({ path: String(request.params.path) }),
    'fs/readDirectory': () => ({ entries: [{ fileName: 'f', isDirectory: false, isFile: true }] }),
    'fs/createDirectory': () => ({}),
    'fs/remove': () => ({}),
    'fs/open': (request) => {
      const handleId = String(request.params.handleId);
      const path = pathOf(request);
      open.set(handleId, { path });
      if (request.params.mode === 'replace') written.set(path, []);
      return { handleId };
    },
    'fs/readBlock': ({ params }) => {
      const bytes = bytesOf(open.get(String(params.handleId))?.path ?? '') ?? Buffer.alloc(0);
      const offset = Number(params.offset);
      const chunk = bytes.subarray(offset, offset + Number(params.len));
      return { chunk: chunk.toString('base64'), eof: chunk.length < Number(params.len) };
    },
    'fs/writeBlock': ({ params }) => {
      const path = open.get(String(params.handleId))?.path ?? '';
      written.get(path)?.push(Buffer.from(String(params.chunk), 'base64'));
      return {};
    },
    'fs/close': ({ params }) => {
      open.delete(String(params.handleId));
      return {};
    },
  };
}

export function facts(more: object): object {
  const kind = { isFile: !('isDirectory' in more), isDirectory: false, isSymlink: false };
  return { ...kind, createdAtMs: 1, modifiedAtMs: 1_700_000_000_000, size: 0, ...more };
}

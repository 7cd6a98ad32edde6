// A file system of one's own behind the same interface: files in memory, copied to a server and back.
// node memoryFileSystem.js ws://127.0.0.1:4500 REMOTE-PATH

import { posix } from 'node:path';
import type { ReadHandle, WriteHandle } from 'codexfs';
import { connect, copy, type DirectoryEntry, FileError, type FileInfo, type FileSystem } from 'codexfs';

class MemoryFileSystem implements FileSystem {
  readonly files = new Map<string, Buffer>();

  async openRead(path: string): Promise<ReadHandle> {
    const content = this.#find('open', path);
    return {
      maxChunkBytes: 65_536,
      read: async (offset, maxBytes) => ({
        bytes: Buffer.from(content.subarray(offset, offset + maxBytes)),
        eof: offset + maxBytes >= content.length,
      }),
      stat: async () => ({ sizeBytes: content.length, modifiedAtMs: undefined }),
      close: async () => {},
      async [Symbol.asyncDispose]() {},
    };
  }

  async openWrite(path: string): Promise<WriteHandle> {
    const { files } = this;
    files.set(path, Buffer.alloc(0));
    return {
      maxChunkBytes: 65_536,
      isDestinationTouched: true,
      write: async (bytes) => void files.set(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), bytes])),
      close: async () => {},
      async [Symbol.asyncDispose]() {},
    };
  }

  async stat(path: string): Promise<FileInfo> {
    const sizeBytes = this.#find('stat', path).length;
    const unknown = { createdAtMs: 0, modifiedAtMs: 0, mode: undefined, identity: undefined };
    return { kind: 'file', isSymlink: false, sizeBytes, ...unknown };
  }

  async list(): Promise<DirectoryEntry[]> {
    return [...this.files.keys()].map((path) => ({ name: path.slice(1), kind: 'file' }));
  }

  async makeDirectory(path: string): Promise<void> {
    throw new FileError('unsupported', 'create directory', path, 'there is one directory');
  }

  async remove(path: string): Promise<void> {
    this.#find('remove', path);
    this.files.delete(path);
  }

  canonicalize = async (path: string) => path;
  resolve = (path: string) => posix.resolve('/', path);
  join = posix.join;
  basename = posix.basename;
  dirname = posix.dirname;
  async [Symbol.asyncDispose](): Promise<void> {}

  #find(operation: string, path: string): Buffer {
    const content = this.files.get(path);
    if (content === undefined) throw new FileError('not_found', operation, path, 'no such file');
    return content;
  }
}

const [url = '', path = ''] = process.argv.slice(2);
await using server = await connect(url);
const memory = new MemoryFileSystem();
memory.files.set('/greeting', Buffer.from('from memory\n'));
await copy({ fileSystem: memory, path: 'greeting' }, { fileSystem: server, path });
await copy({ fileSystem: server, path }, { fileSystem: memory, path: 'back' });
process.stdout.write(memory.files.get('/back') ?? '');

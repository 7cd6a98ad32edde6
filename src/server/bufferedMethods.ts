// The `buffered` dialect: a whole file in one message.

import { CodexfsError } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { Handlers } from '../rpc/Router.js';
import type { Call } from './Call.js';
import type { ServedFileSystem, ServedReadHandle } from './ServedFileSystem.js';
import { readWirePath } from './wirePath.js';

export function bufferedMethods(fileSystem: ServedFileSystem): Handlers<Call> {
  return {
    'fs/readFile': async ({ path }, call) => {
      const { native } = readWirePath(path, call.client);
      const small = await readSmall(fileSystem, native, call);
      return { dataBase64: small ?? (await readWhole(fileSystem, native, call)) };
    },
    'fs/writeFile': async ({ path, dataBase64 }, call) => {
      const { native } = readWirePath(path, call.client);
      await call.run(0, async () => {
        if (await writeSmall(fileSystem, native, dataBase64)) return;
        await using file = await fileSystem.openWrite(native);
        if (dataBase64.length > 0) await file.write(dataBase64);
        await file.close();
      });
      return {};
    },
  };
}

/** The content of a small file that can be had in one step. */
async function readSmall(fileSystem: ServedFileSystem, path: string, call: Call): Promise<Buffer | undefined> {
  if (fileSystem.readWhole === undefined) return undefined;
  const whole = await call.run(limits.smallFileBytes, async () => fileSystem.readWhole?.(path, limits.smallFileBytes));
  call.needsOnly(whole?.bytes.length ?? 0);
  return whole?.bytes;
}

/** Whether it could be done in one step. */
async function writeSmall(fileSystem: ServedFileSystem, path: string, bytes: Buffer): Promise<boolean> {
  if (bytes.length > limits.smallFileBytes) return false;
  return (await fileSystem.writeWhole?.(path, bytes)) ?? false;
}

/** Opens and measures the file first, so that reading it can wait until there is room for what it holds. */
async function readWhole(fileSystem: ServedFileSystem, path: string, call: Call): Promise<Buffer> {
  const opened = await call.run(0, async () => {
    const file = await fileSystem.openRead(path);
    try {
      return { file, sizeBytes: (await file.stat()).sizeBytes ?? 0 };
    } catch (error) {
      await file.close();
      throw error;
    }
  });
  await using file = opened.file;
  if (opened.sizeBytes > limits.servedBufferedReadBytes) throw tooLarge();
  return await call.run(opened.sizeBytes, () => readToEnd(file, opened.sizeBytes));
}

/** Reads until there is no more, whatever the size was said to be: /proc says 0, and files grow. */
async function readToEnd(file: ServedReadHandle, expectedBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let offset = 0, eof = false; !eof; ) {
    const wanted = offset < expectedBytes ? expectedBytes - offset : limits.blockBytes;
    const piece = await file.read(offset, wanted);
    pieces.push(piece.bytes);
    offset += piece.bytes.length;
    eof = piece.eof;
    if (offset > limits.servedBufferedReadBytes) throw tooLarge();
  }
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

function tooLarge(): CodexfsError {
  const text = `file is too large to read: limit is ${limits.servedBufferedReadBytes} bytes`;
  return new CodexfsError('limit_exceeded', text);
}

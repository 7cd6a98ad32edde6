// The `process` dialect: file contents through a shell on the server, for what its file methods cannot carry. It writes in
// place, like all the others. The paths are arguments of the shell and never a part of its script.

import { CodexfsError, FileError } from '../errors.js';
import type { OpenWriteOptions, OperationOptions, ReadHandle, WriteHandle } from '../fs/FileSystem.js';
import type { Connection } from '../rpc/Connection.js';
import type { Dialect } from './Dialect.js';
import { ProcessReadHandle, readCommands } from './ProcessReadHandle.js';
import { ProcessWriteHandle, writeCommands } from './ProcessWriteHandle.js';
import type { ServerProcess } from './ServerProcess.js';
import { nonsense, type ServerPrograms, scriptFailure } from './ServerPrograms.js';

const exitStatus = { noInput: 90, isDirectory: 91, notRegular: 92 } as const;

/** Only a shell that can be fed, and a path that can hold a file, get as far as where the file is emptied. */
const checkScript = `
read -r start || exit ${exitStatus.noInput}
[ -d "$1" ] && exit ${exitStatus.isDirectory}
[ -e "$1" ] && [ ! -f "$1" ] && exit ${exitStatus.notRegular}
`;

export class ProcessDialect implements Dialect {
  readonly name = 'process';
  readonly #connection: Connection;
  readonly #programs: ServerPrograms;
  readonly #toNative: (wirePath: string) => string;

  /** `toNative` makes the server's own form of a path out of the wire's. */
  constructor(connection: Connection, programs: ServerPrograms, toNative: (wirePath: string) => string) {
    this.#connection = connection;
    this.#programs = programs;
    this.#toNative = toNative;
  }

  /** @throws {CodexfsError} `unsupported`, where the server runs no shell, or none that can be fed */
  async openRead(path: string, options: OperationOptions): Promise<ReadHandle> {
    return this.#start(readCommands, path, options, async (process, answer) => {
      const sizeBytes = lengthIn(answer);
      const { modifiedAtMs } = await this.#connection.request('fs/getMetadata', { path }, options);
      const statNow = async () => {
        const now = await this.#connection.request('fs/getMetadata', { path });
        return { sizeBytes: now.size ?? sizeBytes, modifiedAtMs: now.modifiedAtMs };
      };
      return new ProcessReadHandle(process, this.#toNative(path), { sizeBytes, modifiedAtMs }, statNow);
    });
  }

  /** Empties the file. @throws {CodexfsError} `unsupported`, before that, where the server runs no shell, or none that can be fed */
  async openWrite(path: string, options: OpenWriteOptions): Promise<WriteHandle> {
    return this.#start(
      writeCommands,
      path,
      options,
      (process) => new ProcessWriteHandle(process, this.#toNative(path)),
    );
  }

  /** Starts a shell that does `commands` for `path`, waits for its first line and makes a handle of it; ends it where that fails. */
  async #start<Handle>(
    commands: string,
    path: string,
    { signal }: OperationOptions,
    begin: (process: ServerProcess, answer: string) => Handle | Promise<Handle>,
  ): Promise<Handle> {
    const native = this.#toNative(path);
    const process = await this.#programs.start(checkScript + commands, [native], true);
    try {
      await process.write(Buffer.from('start\n'));
      const answer = await process.nextLine({ signal });
      if (answer === undefined) throw openFailure(await process.ended(), process.stderr.takeText(), native);
      return await begin(process, answer);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** What `wc -c` says; some put blanks before it. */
function lengthIn(answer: string): number {
  if (!/^ *\d+$/.test(answer)) throw nonsense();
  return Number(answer);
}

function openFailure(exitCode: number, stderr: string, path: string): CodexfsError {
  switch (exitCode) {
    case exitStatus.noInput:
      return new CodexfsError('unsupported', 'programs on this server get no input');
    case exitStatus.isDirectory:
      return new FileError('is_directory', 'open', path, 'is a directory');
    case exitStatus.notRegular:
      return new FileError('not_regular_file', 'open', path, 'not a regular file');
    default:
      return scriptFailure(stderr, path);
  }
}

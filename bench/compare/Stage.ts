// What the contenders need: a memory file system, servers of every kind, near and 50 ms away. Each part is made when it is
// first asked for, and gone with the stage.

import { mkdir, open, rm, truncate, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { contentOf } from '../../test/helpers/content.js';
import { startCodexExecServer, startCodexfsServe } from '../../test/helpers/servers.js';
import { startChild } from '../../test/helpers/startChild.js';
import { type Sshd, startSshd } from '../../test/helpers/startSshd.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../test/helpers/temporaryDirectory.js';

const MiB = 1024 * 1024;
const pieceBytes = 64 * MiB;
/** What programs and servers take. */
const programBytes = 512 * MiB;
const zeros = Buffer.alloc(MiB);
const treeFiles = 5_000;
const treeDirectories = 50;
const mixedFiles = 300;
const mixedBytes = [64 * 1024, 2 * MiB] as const;

export type Distance = 'near' | 'far';

export class Stage implements AsyncDisposable {
  readonly #directory: TemporaryDirectory;
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #parts: AsyncDisposable[];

  static async open(): Promise<Stage> {
    return new Stage(await temporaryDirectory('/dev/shm'));
  }

  private constructor(directory: TemporaryDirectory) {
    this.#directory = directory;
    this.#parts = [directory];
  }

  /** Where every contender writes to; gone before each run. */
  get destination(): string {
    return this.#directory.join('destination');
  }

  /**
   * Removes what the run before has left, and touches the memory of a run that writes `bytes`. A virtual machine can give memory that nobody uses back to
   * its host, as soon as three seconds after it was freed; to get it again took six times as long as to fill it, whoever asks.
   */
  async clear(bytes: number): Promise<void> {
    await rm(this.destination, { recursive: true, force: true });
    const path = this.#directory.join('touched');
    await using file = await open(path, 'w');
    for (let at = 0; at < bytes + programBytes; at += zeros.length) await file.write(zeros);
    await rm(path);
  }

  /** The URL of a server. */
  server(kind: 'real' | 'serve', distance: Distance): Promise<string> {
    return this.#once(`${kind} ${distance}`, async () => {
      if (distance === 'far') return this.#delayed(await this.server(kind, 'near'));
      const start = kind === 'real' ? startCodexExecServer : startCodexfsServe;
      return this.#use(await start({ listen: 'ws' })).remote;
    });
  }

  /** A configuration for ssh with the hosts `near` and `far`. */
  sshConfiguration(): Promise<string> {
    return this.#once('ssh', async () => {
      const sshd: Sshd = this.#use(await startSshd(this.#directory.path));
      return sshd.configuration(Number(new URL(await this.#delayed(`ws://127.0.0.1:${sshd.port}`)).port));
    });
  }

  /** A file of `sizeBytes` random bytes. */
  randomFile(sizeBytes: number): Promise<string> {
    return this.#once(`random ${sizeBytes}`, async () => {
      const path = this.#directory.join(`random-${sizeBytes}`);
      await using file = await open(path, 'w');
      for (let at = 0; at < sizeBytes; at += pieceBytes) {
        await file.write(contentOf(Math.min(pieceBytes, sizeBytes - at), 1 + at / pieceBytes));
      }
      return path;
    });
  }

  /** A file of `sizeBytes` bytes that are holes. */
  sparseFile(sizeBytes: number): Promise<string> {
    return this.#once(`sparse ${sizeBytes}`, async () => {
      const path = this.#directory.join(`sparse-${sizeBytes}`);
      await writeFile(path, '');
      await truncate(path, sizeBytes);
      return path;
    });
  }

  /** 5 000 files of 100 to 8 000 bytes in 50 directories. */
  tree(): Promise<string> {
    return this.#once('tree', async () => {
      const root = this.#directory.join('tree');
      const content = contentOf(8_000);
      for (let directory = 0; directory < treeDirectories; directory++) {
        const path = `${root}/d${directory}`;
        await mkdir(path, { recursive: true });
        for (let index = directory; index < treeFiles; index += treeDirectories) {
          await writeFile(`${path}/f${index}`, content.subarray(0, 100 + ((index * 7_919) % 7_901)));
        }
      }
      return root;
    });
  }

  /** 300 files of 64 KiB to 2 MiB, as many of each order of magnitude: 162 MiB. */
  mixedTree(): Promise<string> {
    return this.#once('mixed tree', async () => {
      const root = this.#directory.join('mixed');
      await mkdir(root);
      const [least, most] = mixedBytes;
      const content = contentOf(most);
      for (let index = 0; index < mixedFiles; index++) {
        const sizeBytes = Math.floor(least * (most / least) ** (((index * 7_919) % mixedFiles) / mixedFiles));
        await writeFile(`${root}/f${index}`, content.subarray(0, sizeBytes));
      }
      return root;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#parts.reverse()) await part[Symbol.asyncDispose]();
  }

  /** The URL of a proxy to `target` that delays. */
  async #delayed(target: string): Promise<string> {
    const program = fileURLToPath(new URL('delayProxy.js', import.meta.url));
    return this.#use(await startChild(process.execPath, [program, target])).firstLine;
  }

  #use<T extends AsyncDisposable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  #once<T>(name: string, make: () => Promise<T>): Promise<T> {
    let made = this.#made.get(name) as Promise<T> | undefined;
    if (made === undefined) {
      made = make();
      this.#made.set(name, made);
    }
    return made;
  }
}

// The host's files with gates: a test holds an operation at its start for as long as it likes, or makes it fail.

import type { PositionalWriteHandle } from '../../src/fs/FileSystem.js';
import { HostFileSystem, type ServedReadHandle } from '../../src/server/ServedFileSystem.js';

export type GatedOperation = 'open' | 'read' | 'write' | 'close' | 'stat';

/** Holds operations that were asked to stop here. */
export class Gate {
  readonly #opened: Promise<void>;
  readonly #arrived: Promise<void>;
  #open: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  #arrive: () => void = () => {};

  constructor() {
    this.#opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    this.#opened.catch(() => {});
    this.#arrived = new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  /** Resolves when an operation stands before this gate. */
  get reached(): Promise<void> {
    return this.#arrived;
  }

  open(): void {
    this.#open();
  }

  /** What stands here, and comes here, fails with `error`. */
  fail(error: Error): void {
    this.#fail(error);
  }

  pass(): Promise<void> {
    this.#arrive();
    return this.#opened;
  }
}

export class GatedFileSystem extends HostFileSystem {
  /** Files that are open. */
  openFiles = 0;
  /** How many files were opened, or tried to be. */
  opens = 0;
  readonly #gates = new Map<GatedOperation, Gate>();

  /** Holds the next operation of that kind, and no other. */
  hold(operation: GatedOperation): Gate {
    const gate = new Gate();
    this.#gates.set(operation, gate);
    return gate;
  }

  override async openRead(path: string) {
    return this.#opened(() => super.openRead(path));
  }

  override async openWrite(path: string) {
    return this.#opened(() => super.openWrite(path));
  }

  async #opened<File extends ServedReadHandle | PositionalWriteHandle>(open: () => Promise<File>): Promise<File> {
    this.opens++;
    await this.#pass('open');
    const file = await open();
    this.openFiles++;
    const close = file.close.bind(file);
    this.#gated(file, 'close', async () => {
      await close();
      this.openFiles--;
    });
    for (const [name, operation] of gatedMethods) {
      const method = (file as unknown as Record<string, unknown>)[name];
      if (typeof method === 'function') this.#gated(file, operation, method.bind(file), name);
    }
    return file;
  }

  #gated(
    file: object,
    operation: GatedOperation,
    run: (...args: unknown[]) => Promise<unknown>,
    name: string = operation,
  ): void {
    const gated = async (...args: unknown[]) => {
      await this.#pass(operation);
      return run(...args);
    };
    Object.defineProperty(file, name, { value: gated });
  }

  async #pass(operation: GatedOperation): Promise<void> {
    const gate = this.#gates.get(operation);
    if (gate === undefined) return;
    this.#gates.delete(operation);
    await gate.pass();
  }
}

const gatedMethods: readonly (readonly [string, GatedOperation])[] = [
  ['read', 'read'],
  ['stat', 'stat'],
  ['write', 'write'],
  ['writeAt', 'write'],
];

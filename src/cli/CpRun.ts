// The items of one cp, copied one after the other. A failed item does not stop the rest, unless nothing after it could succeed.

import { fstatSync } from 'node:fs';
import { CodexfsError, FileError, hasCode } from '../errors.js';
import type { Location } from '../remotes/Location.js';
import { type CopyOptions, type CopyResult, copyFile } from '../transfer/copyFile.js';
import { copyFromStream, copyToStream } from '../transfer/copyStream.js';
import { copyWithinServer } from '../transfer/copyWithinServer.js';
import { type Endpoint, TransferError } from '../transfer/Endpoint.js';
import { checkIsFile, destinationOf } from '../transfer/plan.js';
import type { CpOperands } from './cpOperands.js';
import { endpointOf, hostOf } from './operands.js';
import { formatSize } from './quantities.js';
import type { Run } from './Run.js';
import { show } from './show.js';

const shownInput = 'standard input';

/** Failures of a connection: every file behind it would meet the same. */
const connectionCodes = [
  'connect_failed',
  'authentication_failed',
  'handshake_failed',
  'connection_closed',
  'timeout',
  'protocol_violation',
] as const;

/** Failures of a destination that a smaller file would meet as well. */
const fullCodes = ['no_space', 'quota_exceeded', 'read_only_file_system'] as const;

/** Failures of a destination that is to receive several files and is no directory. */
const noDirectoryCodes = ['not_found', 'not_directory'] as const;

export class CpRun {
  readonly #operands: CpOperands;
  readonly #run: Run;
  /** Paths written by this run: a second source of the same name must not replace the first. */
  readonly #written = new Set<string>();

  constructor(operands: CpOperands, run: Run) {
    this.#operands = operands;
    this.#run = run;
  }

  /** @throws {CodexfsError} the failure that ended the run before its last item */
  async copyAll(): Promise<void> {
    const { sources, destination } = this.#operands;
    const to = destination.kind === 'stream' ? undefined : await endpointOf(destination, this.#run);
    for (const [index, source] of sources.entries()) {
      this.#run.signal.throwIfAborted();
      const failure = await this.#attempt(source, to);
      if (failure === undefined || !this.#endsRun(failure)) continue;
      this.#run.notAttempted(sources.length - index - 1);
      throw failure;
    }
  }

  /** Copies one item and notes what became of it; resolves with its failure. */
  async #attempt(source: Location, to: Endpoint | undefined): Promise<CodexfsError | undefined> {
    try {
      const { bytes } = await this.#copy(source, to);
      this.#run.unwatch();
      this.#run.done(bytes);
      return undefined;
    } catch (error) {
      this.#run.unwatch();
      return this.#run.failed(error, source.word);
    }
  }

  async #copy(source: Location, to: Endpoint | undefined): Promise<CopyResult> {
    if (source.kind === 'stream') return this.#copyFromInput(to);
    const from = await endpointOf(source, this.#run);
    const name = from.fileSystem.basename(from.path);
    if (to === undefined) return copyToStream(from, this.#run.output.sink, this.#run.watch(name));
    await onSide('source', from.shown, to.shown, () => checkIsFile(from, { signal: this.#run.signal }));
    const landing = await this.#landingOf(to, name, from.shown);
    const options = this.#run.watch(name, landing.shown);
    const result = (await copyOnServer(from, landing, options)) ?? (await copyFile(from, landing, options));
    this.#tellCopied(from.shown, landing, result);
    return result;
  }

  async #copyFromInput(to: Endpoint | undefined): Promise<CopyResult> {
    if (to === undefined) throw new Error('standard input was not refused for standard output');
    refuseDirectoryAsInput(to);
    const landing = await this.#landingOf(to, '', shownInput);
    const options = this.#run.watch(shownInput, landing.shown);
    const result = await copyFromStream(process.stdin, shownInput, landing, options);
    this.#tellCopied(shownInput, landing, result);
    return result;
  }

  async #landingOf(to: Endpoint, name: string, shownFrom: string): Promise<Endpoint> {
    const rule = { signal: this.#run.signal, directory: this.#operands.directory };
    return onSide('destination', shownFrom, to.shown, async () => {
      const landing = await destinationOf(to, name, rule);
      if (this.#written.has(landing.path)) {
        throw new CodexfsError('refused', `holds \`${name}\` from an earlier operand, which is not replaced`);
      }
      this.#written.add(landing.path);
      return landing;
    });
  }

  #tellCopied(shownFrom: string, landing: Endpoint, { bytes }: CopyResult): void {
    if (!this.#run.options.verbose) return;
    this.#run.unwatch();
    this.#run.output.note(`${show(shownFrom)} -> ${show(landing.shown)} (${formatSize(bytes)})`);
  }

  #endsRun(error: CodexfsError): boolean {
    const isDestination = error instanceof TransferError && error.side === 'destination';
    if (isDestination && hasCode(error, ...fullCodes)) return true;
    if (isDestination && this.#operands.directory === 'always' && hasCode(error, ...noDirectoryCodes)) return true;
    if (!hasCode(error, ...connectionCodes)) return false;
    const hosts = new Set(this.#operands.sources.map((source) => hostOf(source, this.#run.registry)));
    return isDestination || hosts.size === 1;
  }
}

/** Node reads a directory as if it were an empty file. */
function refuseDirectoryAsInput(to: Endpoint): void {
  if (!fstatSync(0).isDirectory()) return;
  const cause = new FileError('is_directory', 'read', shownInput, 'is a directory');
  throw new TransferError({ from: shownInput, to: to.shown, side: 'source', partial: undefined, cause });
}

/**
 * Lets the server copy by itself where it holds both ends; undefined where it cannot. Only onto a free path: released
 * servers give an existing destination the source's mode, and empty a file that is copied onto itself.
 */
async function copyOnServer(from: Endpoint, to: Endpoint, options: CopyOptions): Promise<CopyResult | undefined> {
  if (from.host !== to.host || from.fileSystem.copyWithin === undefined) return undefined;
  try {
    await to.fileSystem.stat(to.path, { signal: options.signal });
    return undefined;
  } catch (error) {
    if (!hasCode(error, 'not_found')) return undefined;
  }
  try {
    return await copyWithinServer(from, to, options);
  } catch (error) {
    if (hasCode(error, 'unsupported')) return undefined;
    throw error;
  }
}

/** Runs `work` and makes its failure one of that end of the copy. */
async function onSide<T>(side: TransferError['side'], from: string, to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof CodexfsError)) throw cause;
    throw new TransferError({ from, to, side, partial: undefined, cause });
  }
}

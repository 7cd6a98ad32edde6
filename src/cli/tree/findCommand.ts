// codexfs find: the locations below directories that pass every test, written as they are found.

import { FileError, hasCode } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { limits } from '../../protocol/limits.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { isTrouble, kindOfItem, type NodeKind } from '../../transfer/readTree.js';
import { takeAhead } from '../../transfer/takeAhead.js';
import { walkTree } from '../../transfer/walk.js';
import { existingLocations, fileLocations, forEachOperand } from '../eachOperand.js';
import { LineWriter } from '../LineWriter.js';
import { locationBelow } from '../locationBelow.js';
import { endpointOf, type FileLocation } from '../operands.js';
import { rfc3339 } from '../quantities.js';
import type { Run } from '../Run.js';
import { shownName } from '../shownName.js';
import { type FindTest, type FindTestOptions, newerTest, parseFindTests } from './findTests.js';

export interface FindOptions extends FindTestOptions {
  /** A location; what was modified after it is found. */
  readonly newer?: string;
  readonly mindepth?: number;
  readonly maxdepth?: number;
  readonly print0?: boolean;
  readonly follow?: boolean;
}

/** One entry, with what it is still waited for. */
interface Entry {
  readonly names: readonly string[];
  readonly kind: NodeKind;
  readonly info: Promise<FileInfo | undefined>;
}

/** Finds what is below `words`. @throws {UsageError} before anything was attempted */
export async function runFind(words: readonly string[], options: FindOptions, run: Run): Promise<void> {
  const tests = parseFindTests(options, Date.now());
  const locations = await existingLocations(words, run);
  if (options.newer !== undefined) tests.push(newerTest(await modificationOf(options.newer, run)));
  const search = new Search(tests, options, run);
  await forEachOperand(locations, run, (at, location) => search.add(at, location));
}

/** @throws {CodexfsError} when the location cannot be looked at */
async function modificationOf(word: string, run: Run): Promise<number> {
  const [location] = fileLocations([word], run);
  if (location === undefined) throw new Error('one word is one location');
  const { fileSystem, path } = await endpointOf(location, run);
  try {
    return (await fileSystem.stat(path, { signal: run.signal })).modifiedAtMs;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new FileError(error.code, error.operation, word, error.message, { cause: error });
  }
}

class Search {
  readonly #tests: readonly FindTest[];
  readonly #options: FindOptions;
  readonly #run: Run;
  readonly #lines: LineWriter;

  constructor(tests: readonly FindTest[], options: FindOptions, run: Run) {
    this.#tests = tests;
    this.#options = options;
    this.#run = run;
    this.#lines = new LineWriter(run.output);
  }

  async add(at: Endpoint, location: FileLocation): Promise<void> {
    const rootName = at.fileSystem.basename(at.path);
    for await (const entry of takeAhead(this.#entries(at, location), limits.statsInFlight)) {
      const info = await entry.info;
      const candidate = { name: entry.names.at(-1) ?? rootName, kind: entry.kind, info };
      const isDeepEnough = entry.names.length >= (this.#options.mindepth ?? 0);
      if (isDeepEnough && this.#tests.every((test) => test.passes(candidate))) await this.#write(entry, info, location);
    }
    await this.#lines.flush();
    this.#run.done();
  }

  async #write({ names, kind }: Entry, info: FileInfo | undefined, location: FileLocation): Promise<void> {
    const word = locationBelow(location, names);
    if (this.#run.options.json) {
      const modifiedAt = rfc3339(info?.modifiedAtMs ?? 0) ?? null;
      return this.#run.record({ type: 'entry', location: word, kind, sizeBytes: info?.sizeBytes ?? null, modifiedAt });
    }
    return this.#lines.write(this.#options.print0 ? `${word}\0` : `${shownName(word, this.#run.output)}\n`);
  }

  /** The root and what is below it. */
  async *#entries(at: Endpoint, location: FileLocation): AsyncGenerator<Entry, void, void> {
    const { signal } = this.#run;
    const { follow = false, maxdepth } = this.#options;
    const info = await at.fileSystem.stat(at.path, { signal });
    const isRootLink = info.isSymlink && !follow;
    const rootKind = isRootLink ? 'link' : info.kind === 'other' ? 'special' : info.kind;
    yield { names: [], kind: rootKind, info: Promise.resolve(info) };
    if (rootKind !== 'directory' || maxdepth === 0) return;
    for await (const item of walkTree(at.fileSystem, at.path, {
      signal,
      links: follow ? 'follow' : 'skip',
      maxDepth: maxdepth,
    })) {
      const kind = kindOfItem(item);
      if (isTrouble(item)) this.#run.failed(item.error, locationBelow(location, item.names));
      if (kind !== undefined) yield { names: item.names, kind, info: this.#infoOf(at, item, location) };
    }
  }

  /** Asked for while others are, and observed at once. Undefined where no test looks at it. */
  #infoOf(
    at: Endpoint,
    item: { path: string; names: readonly string[] },
    location: FileLocation,
  ): Promise<FileInfo | undefined> {
    if (!this.#tests.some(({ needsInfo }) => needsInfo)) return Promise.resolve(undefined);
    const asking = at.fileSystem.stat(item.path, { signal: this.#run.signal }).catch((error: unknown) => {
      if (!(error instanceof FileError)) throw error;
      if (!hasCode(error, 'not_found', 'symlink_loop')) this.#run.failed(error, locationBelow(location, item.names));
      return undefined;
    });
    asking.catch(() => {});
    return asking;
  }
}

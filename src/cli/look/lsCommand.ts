// codexfs ls: the names in directories, and with -l the type, size and time of each.

import type { FileInfo } from '../../fs/FileSystem.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { readTree, type TreeNode } from '../../transfer/readTree.js';
import { existingLocations, forEachOperand } from '../eachOperand.js';
import { LineWriter } from '../LineWriter.js';
import { locationBelow } from '../locationBelow.js';
import type { FileLocation } from '../operands.js';
import { rfc3339 } from '../quantities.js';
import type { Run } from '../Run.js';
import { shownName } from '../shownName.js';
import { type ListedName, longLines } from './lsLong.js';
import { type OrderOptions, orderOf } from './lsOrder.js';

export interface LsOptions extends OrderOptions {
  readonly long?: boolean;
  /** Also what is in the directories below. */
  readonly recursive?: boolean;
  /** Directories themselves, and not what is in them. */
  readonly directory?: boolean;
  readonly humanReadable?: boolean;
}

interface Operand {
  readonly at: Endpoint;
  readonly location: FileLocation;
  readonly info: FileInfo;
}

/** Lists what `words` name: files first, then what is in each directory. @throws {UsageError} before anything was attempted */
export async function runLs(words: readonly string[], options: LsOptions, run: Run): Promise<void> {
  const locations = await existingLocations(words, run);
  const operands: Operand[] = [];
  await forEachOperand(locations, run, async (at, location) => {
    operands.push({ at, location, info: await at.fileSystem.stat(at.path, { signal: run.signal }) });
  });
  const isOpened = ({ info }: Operand) => info.kind === 'directory' && !options.directory;
  const listing = new Listing(options, run, locations.length > 1 || options.recursive === true);
  await listing.writeFiles(operands.filter((operand) => !isOpened(operand)));
  for (const operand of operands.filter(isOpened)) await listing.writeDirectory(operand);
}

class Listing {
  readonly #options: LsOptions;
  readonly #run: Run;
  readonly #hasHeaders: boolean;
  readonly #lines: LineWriter;
  #isFirst = true;

  constructor(options: LsOptions, run: Run, hasHeaders: boolean) {
    this.#options = options;
    this.#run = run;
    this.#hasHeaders = hasHeaders;
    this.#lines = new LineWriter(run.output);
  }

  async writeFiles(operands: readonly Operand[]): Promise<void> {
    if (operands.length === 0) return;
    await this.#write(
      operands.map(({ location: { word }, info }) => ({ name: word, location: word, kind: info.kind, info })),
    );
    for (const _ of operands) this.#run.done();
  }

  async writeDirectory({ at, location }: Operand): Promise<void> {
    try {
      const root = await readTree(at, {
        signal: this.#run.signal,
        // Whether an entry is a link is one request each on most servers, which a plain list of names does not need.
        links: this.#options.recursive ? 'skip' : 'follow',
        maxDepth: this.#options.recursive ? undefined : 1,
        wantsInfo: () => this.#needsInfo,
        onProblem: (error, names) => this.#run.failed(error, locationBelow(location, names)),
      });
      await this.#writeBelow(root, location);
      this.#run.done();
    } catch (error) {
      this.#run.failed(error, location.word);
    }
  }

  get #needsInfo(): boolean {
    const { long, sortBySize, sortByTime } = this.#options;
    return [long, sortBySize, sortByTime].includes(true);
  }

  async #writeBelow({ names, children }: TreeNode, location: FileLocation): Promise<void> {
    if (this.#hasHeaders && !this.#run.options.json) {
      await this.#lines.write(`${this.#isFirst ? '' : '\n'}${this.#shown(locationBelow(location, names))}:\n`);
    }
    await this.#write(
      children.map((child) => ({
        ...child,
        location: locationBelow(location, child.names),
        isSymlink: child.kind === 'link',
      })),
    );
    if (!this.#options.recursive) return;
    const directories = children.filter(({ kind }) => kind === 'directory');
    for (const directory of this.#sorted(directories)) await this.#writeBelow(directory, location);
  }

  async #write(listed: readonly ListedName[]): Promise<void> {
    this.#isFirst = false;
    const sorted = this.#sorted(listed);
    if (this.#run.options.json) return this.#record(sorted);
    const shown = (name: string) => this.#shown(name);
    const { long, humanReadable = false } = this.#options;
    const lines = long ? longLines(sorted, { shown, humanReadable }) : sorted.map(({ name }) => shown(name));
    for (const line of lines) await this.#lines.write(`${line}\n`);
    await this.#lines.flush();
  }

  async #record(listed: readonly ListedName[]): Promise<void> {
    for (const { location, kind, info } of listed) {
      await this.#run.record({
        type: 'entry',
        location,
        kind: info?.isSymlink ? 'link' : kind === 'other' ? 'special' : kind,
        sizeBytes: info?.sizeBytes ?? null,
        modifiedAt: rfc3339(info?.modifiedAtMs ?? 0) ?? null,
      });
    }
  }

  #sorted<T extends { readonly name: string; readonly info: FileInfo | undefined }>(listed: readonly T[]): T[] {
    return [...listed].sort(orderOf(this.#options));
  }

  #shown(name: string): string {
    return shownName(name, this.#run.output);
  }
}

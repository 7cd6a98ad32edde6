// codexfs ls: the names in directories, and with -l the type, size and time of each.

import { CodexfsError, FileError } from '../../errors.js';
import type { DirectoryEntry, FileInfo } from '../../fs/FileSystem.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import {
  asFileLocation,
  connectAhead,
  endpointOf,
  expandLocations,
  type FileLocation,
  parseLocations,
} from '../operands.js';
import type { Run } from '../Run.js';
import { shellQuoted, show } from '../show.js';
import { type ListedName, longLines } from './lsLong.js';

export interface LsOptions {
  readonly long?: boolean;
}

/** How many paths are asked about at a time. */
const statsInFlight = 16;

/** Lists what `words` name: a directory's entries, or the file itself. @throws {UsageError} before anything was attempted */
export async function runLs(words: readonly string[], options: LsOptions, run: Run): Promise<void> {
  const named = parseLocations(words, run.registry).map((location) => asFileLocation(location, 'ls'));
  connectAhead(named, run);
  const locations = await expandLocations(named, run);
  const listing = new Listing(options, run, locations.length > 1);
  for (const location of locations) await listing.add(location);
}

class Listing {
  readonly #options: LsOptions;
  readonly #run: Run;
  readonly #hasHeaders: boolean;
  #isFirst = true;

  constructor(options: LsOptions, run: Run, hasHeaders: boolean) {
    this.#options = options;
    this.#run = run;
    this.#hasHeaders = hasHeaders;
  }

  async add(location: FileLocation): Promise<void> {
    try {
      const at = await endpointOf(location, this.#run);
      const info = await at.fileSystem.stat(at.path, { signal: this.#run.signal });
      if (info.kind !== 'directory') await this.#write([{ name: location.word, info }]);
      else await this.#writeDirectory(at);
      this.#run.done();
    } catch (error) {
      this.#run.failed(error, location.word);
    }
  }

  async #writeDirectory(at: Endpoint): Promise<void> {
    const entries = await at.fileSystem.list(at.path, { signal: this.#run.signal });
    const sound = entries.filter((entry) => this.#isSound(entry, at)).sort(byName);
    if (this.#hasHeaders) await this.#run.output.data(`${this.#isFirst ? '' : '\n'}${this.#shown(at.shown)}:\n`);
    const listed = this.#options.long
      ? await this.#withInfo(at, sound)
      : sound.map(({ name }) => ({ name, info: undefined }));
    await this.#write(listed);
  }

  /** A name that no path can be made of is told about and left out: who reads the listing might make one. */
  #isSound(entry: DirectoryEntry, at: Endpoint): boolean {
    if (entry.problem === undefined) return true;
    const message = `the entry \`${show(entry.name)}\` is left out: ${entry.problem}`;
    this.#run.failed(new FileError('unsafe_name', 'list', at.path, message), at.shown);
    return false;
  }

  async #withInfo(at: Endpoint, entries: readonly DirectoryEntry[]): Promise<ListedName[]> {
    const listed: ListedName[] = [];
    for (let from = 0; from < entries.length; from += statsInFlight) {
      const some = entries.slice(from, from + statsInFlight);
      listed.push(...(await Promise.all(some.map(async ({ name }) => ({ name, info: await this.#infoOf(at, name) })))));
    }
    return listed;
  }

  /** An entry that cannot be looked at, such as a dangling link, is listed all the same. */
  async #infoOf({ fileSystem, path }: Endpoint, name: string): Promise<FileInfo | undefined> {
    try {
      return await fileSystem.stat(fileSystem.join(path, name), { signal: this.#run.signal });
    } catch (error) {
      if (error instanceof CodexfsError && error instanceof FileError) return undefined;
      throw error;
    }
  }

  async #write(listed: readonly ListedName[]): Promise<void> {
    this.#isFirst = false;
    const lines = this.#options.long
      ? longLines(listed, (name) => this.#shown(name))
      : listed.map(({ name }) => this.#shown(name));
    if (lines.length > 0) await this.#run.output.data(`${lines.join('\n')}\n`);
  }

  /** Off a terminal a name is data and stays as it is. */
  #shown(name: string): string {
    return this.#run.output.stdout.isTTY === true ? shellQuoted(name) : name;
  }
}

/** By code units: the same on every machine. */
function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

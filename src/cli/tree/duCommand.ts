// codexfs du: how many bytes the files below directories have together, which is what a copy of them would move.

import { FileError, hasCode, UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { limits } from '../../protocol/limits.js';
import type { Endpoint } from '../../transfer/Endpoint.js';
import { forEachInParallel } from '../../transfer/inParallel.js';
import { byName, isTrouble, kindOfItem } from '../../transfer/readTree.js';
import { walkTree } from '../../transfer/walk.js';
import { existingLocations, forEachOperand } from '../eachOperand.js';
import { LineWriter } from '../LineWriter.js';
import { locationBelow } from '../locationBelow.js';
import type { FileLocation } from '../operands.js';
import { compactSize, counted } from '../quantities.js';
import type { Run } from '../Run.js';
import { shownName } from '../shownName.js';

export interface DuOptions {
  /** Only the total of each location. */
  readonly summarize?: boolean;
  readonly maxDepth?: number;
  /** Also files. */
  readonly all?: boolean;
  readonly humanReadable?: boolean;
  readonly bytes?: boolean;
  readonly total?: boolean;
  readonly follow?: boolean;
}

/** Tells the sizes of what `words` name. @throws {UsageError} before anything was attempted */
export async function runDu(words: readonly string[], options: DuOptions, run: Run): Promise<void> {
  if (options.summarize && (options.all || options.maxDepth !== undefined)) {
    throw new UsageError('-s is about the totals alone, and -a and -d are not', { hint: 'leave one of them out' });
  }
  const report = new Report(options, run);
  await forEachOperand(await existingLocations(words, run), run, (at, location) => report.add(at, location));
  await report.end();
}

interface Row {
  readonly kind: 'file' | 'directory';
  readonly names: readonly string[];
  bytes: number;
}

class Report {
  readonly #options: DuOptions;
  readonly #run: Run;
  readonly #lines: LineWriter;
  /** Directories deeper than this have no row of their own. */
  readonly #maxDepth: number;
  #totalBytes = 0;
  #unknownCount = 0;

  constructor(options: DuOptions, run: Run) {
    this.#options = options;
    this.#run = run;
    this.#lines = new LineWriter(run.output);
    this.#maxDepth = options.summarize ? 0 : (options.maxDepth ?? Number.POSITIVE_INFINITY);
  }

  async add(at: Endpoint, location: FileLocation): Promise<void> {
    const info = await at.fileSystem.stat(at.path, { signal: this.#run.signal });
    const rows: Row[] =
      info.kind === 'directory'
        ? await this.#rowsBelow(at, location)
        : [{ kind: 'file', names: [], bytes: this.#sizeOf(info) }];
    for (const row of rows.sort(contentsFirst)) await this.#tell(row, locationBelow(location, row.names));
    this.#totalBytes += rows.at(-1)?.bytes ?? 0;
    await this.#lines.flush();
    this.#run.done();
  }

  async end(): Promise<void> {
    if (this.#options.total && !this.#run.options.json) await this.#write(this.#totalBytes, 'total');
    await this.#lines.flush();
    if (this.#unknownCount > 0) {
      this.#run.note(`codexfs: du: ${counted(this.#unknownCount, 'file')} left out: the server does not say how large`);
    }
  }

  async #rowsBelow(at: Endpoint, location: FileLocation): Promise<Row[]> {
    const { signal } = this.#run;
    const directories = new Map<string, Row>([['', { kind: 'directory', names: [], bytes: 0 }]]);
    const files: Row[] = [];
    const items = walkTree(at.fileSystem, at.path, { links: this.#options.follow ? 'follow' : 'skip', signal });
    await forEachInParallel(items, limits.statsInFlight, async (item) => {
      const { names } = item;
      const hasRow = names.length <= this.#maxDepth;
      const kind = kindOfItem(item);
      if (isTrouble(item)) this.#run.failed(item.error, locationBelow(location, names));
      else if (kind === 'directory' && hasRow) directories.set(names.join('/'), { kind, names, bytes: 0 });
      else if (kind === 'file') {
        const bytes = await this.#bytesAt(at, item.path, locationBelow(location, names));
        if (this.#options.all && hasRow) files.push({ kind, names, bytes });
        for (let depth = 0; depth < names.length; depth++)
          addTo(directories.get(names.slice(0, depth).join('/')), bytes);
      }
    });
    return [...directories.values(), ...files];
  }

  async #bytesAt({ fileSystem }: Endpoint, path: string, shown: string): Promise<number> {
    try {
      return this.#sizeOf(await fileSystem.stat(path, { signal: this.#run.signal }));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // What vanished since it was listed takes no room.
      if (!hasCode(error, 'not_found')) this.#run.failed(error, shown);
      return 0;
    }
  }

  #sizeOf({ kind, sizeBytes }: FileInfo): number {
    if (kind === 'file' && sizeBytes === undefined) this.#unknownCount++;
    return kind === 'file' ? (sizeBytes ?? 0) : 0;
  }

  async #tell({ kind, bytes }: Row, location: string): Promise<void> {
    if (this.#run.options.json) await this.#run.record({ type: 'size', location, kind, sizeBytes: bytes });
    else await this.#write(bytes, location);
  }

  #write(bytes: number, name: string): Promise<void> {
    const { humanReadable, bytes: inBytes } = this.#options;
    const size = humanReadable ? compactSize(bytes) : inBytes ? String(bytes) : String(Math.ceil(bytes / 1024));
    return this.#lines.write(`${size}\t${shownName(name, this.#run.output)}\n`);
  }
}

function addTo(row: Row | undefined, bytes: number): void {
  if (row !== undefined) row.bytes += bytes;
}

/** What is in a directory stands before it, as du has it. */
function contentsFirst({ names: a }: Row, { names: b }: Row): number {
  const depth = a.findIndex((name, index) => name !== b[index]);
  if (depth < 0) return b.length - a.length;
  const [first, second] = [a[depth], b[depth]];
  return first === undefined || second === undefined ? b.length - a.length : byName({ name: first }, { name: second });
}

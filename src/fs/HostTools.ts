// What a server's host can do beyond its file methods, through programs there: hashes, permission bits, times. Many paths at a
// time; what a host cannot do is missing from the answer and never an error.

import type { ServerPrograms } from '../dialects/ServerPrograms.js';
import { hasCode } from '../errors.js';
import { limits } from '../protocol/limits.js';
import type { AttributeChange, FileAttributes, OperationOptions, SeenFile } from './FileSystem.js';
import { GatheredQuestions } from './GatheredQuestions.js';

/** A line for each file: its hash, or a word that is none. */
const hashScript = `
if command -v sha256sum >/dev/null; then tool=sha256sum
elif command -v shasum >/dev/null; then tool='shasum -a 256'
elif command -v openssl >/dev/null; then tool='openssl dgst -sha256 -r'
else exit 1
fi
for file do
  if [ -f "$file" ]; then $tool < "$file" || echo unknown; else echo unknown; fi
done
`;

/** A line for each file: its permission bits in octal. GNU and BusyBox know -c, BSD -f. */
const modeScript = `
if stat -L -c %a / >/dev/null 2>&1; then format='-c %a'; else format='-f %Lp'; fi
for file do
  stat -L $format "$file" || echo unknown
done
`;

/** A NUL behind each file: size, seconds since 1970 with a fraction, path. GNU's find knows -printf, no other. */
const sizesScript = `exec find -H "$@" -maxdepth 1 -type f -printf '%s %T@ %p\\0'`;

/**
 * A line for each file, with a word for each attribute that was not kept. The arguments come by fours: a mode or \`-\`, a time in
 * the form of ISO 8601 or \`-\`, the same for a touch that knows only whole seconds and POSIX's older form, and the path.
 */
const attributesScript = `
while [ $# -gt 3 ]; do
  failed=
  [ "$1" = - ] || chmod "$1" "$4" || failed=mode
  [ "$2" = - ] || touch -c -m -d "$2" "$4" || touch -c -m -t "$3" "$4" || failed="$failed modifiedAtMs"
  echo "$failed"
  shift 4
done
`;

export class HostTools {
  readonly #programs: ServerPrograms;
  readonly #hashes: GatheredQuestions<string>;
  readonly #modes: GatheredQuestions<number>;
  readonly #sizes: GatheredQuestions<ReadonlyMap<string, SeenFile>>;
  #cannotTellSizes = false;

  constructor(programs: ServerPrograms) {
    this.#programs = programs;
    this.#hashes = new GatheredQuestions((paths) => this.#answers(hashScript, paths, hashIn));
    this.#modes = new GatheredQuestions((paths) => this.#answers(modeScript, paths, modeIn));
    this.#sizes = new GatheredQuestions((directories) => this.#sizesIn(directories));
  }

  /** The SHA-256, in hex, of those of `paths` that the host can read and hash. */
  hashFiles(paths: readonly string[], options: OperationOptions): Promise<ReadonlyMap<string, string>> {
    return this.#hashes.ask(paths, options);
  }

  /** The permission bits of those of `paths` that the host can tell. */
  readModes(paths: readonly string[], options: OperationOptions): Promise<ReadonlyMap<string, number>> {
    return this.#modes.ask(paths, options);
  }

  /** What the regular files in `directories` are, by their paths: of those that the host can tell. */
  async readSizes(directories: readonly string[], options: OperationOptions): Promise<ReadonlyMap<string, SeenFile>> {
    const answers = await this.#sizes.ask(directories, options);
    return new Map(directories.flatMap((directory) => [...(answers.get(directory) ?? [])]));
  }

  /** Makes `changes`, and resolves with what of each could not be made. */
  async setAttributes(
    changes: readonly AttributeChange[],
    options: OperationOptions,
  ): Promise<(readonly (keyof FileAttributes)[])[]> {
    const outcomes: (readonly (keyof FileAttributes)[])[] = [];
    for (const batch of batches(changes, ({ path }) => path)) {
      const lines = await this.#lines(attributesScript, batch.flatMap(argumentsOf), batch.length, options);
      batch.forEach(({ attributes }, index) => {
        outcomes.push(unkeptIn(attributes, lines?.[index]));
      });
    }
    return outcomes;
  }

  async #answers<T>(
    script: string,
    paths: readonly string[],
    valueIn: (line: string) => T | undefined,
  ): Promise<Map<string, T>> {
    const answers = new Map<string, T>();
    for (const batch of batches(paths, (path) => path)) {
      const lines = (await this.#lines(script, batch, batch.length, {})) ?? [];
      batch.forEach((path, index) => {
        const value = valueIn(lines[index] ?? '');
        if (value !== undefined) answers.set(path, value);
      });
    }
    return answers;
  }

  /** All that is told of files in one directory comes together, so an answer is under the path of its directory. */
  async #sizesIn(directories: readonly string[]): Promise<Map<string, Map<string, SeenFile>>> {
    const answers = new Map<string, Map<string, SeenFile>>(directories.map((directory) => [directory, new Map()]));
    for (const batch of batches(directories, (path) => path, limits.processDirectories)) {
      if (this.#cannotTellSizes) break;
      const { exitCode, stdout } = await this.#programs.run(sizesScript, batch, { timeoutMs: Infinity });
      this.#cannotTellSizes = exitCode !== 0 && stdout === '';
      const byPrefix = new Map(batch.map((path) => [path.endsWith('/') ? path : `${path}/`, answers.get(path)]));
      for (const [path, seen] of filesIn(stdout))
        byPrefix.get(path.slice(0, path.lastIndexOf('/') + 1))?.set(path, seen);
    }
    return answers;
  }

  /** What `script` prints for `args`, if it is `count` lines. A large file takes long to hash, and says nothing meanwhile. */
  async #lines(
    script: string,
    args: readonly string[],
    count: number,
    { signal }: OperationOptions,
  ): Promise<string[] | undefined> {
    try {
      const run = () => this.#programs.run(script, args, { signal, timeoutMs: Infinity });
      const { exitCode, stdout } = await run().catch(onceMoreIfLost(run));
      const lines = stdout.split('\n').slice(0, -1);
      return exitCode === 0 && lines.length === count ? lines : undefined;
    } catch (error) {
      if (hasCode(error, 'unsupported')) return undefined;
      throw error;
    }
  }
}

/**
 * A busy released server (0.169) loses a part of what a program printed, once in some thousand. Whatever a script here does, it may be done
 * twice.
 */
function onceMoreIfLost<T>(run: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (!hasCode(error, 'protocol_violation')) throw error;
    return run();
  };
}

function hashIn(line: string): string | undefined {
  return /^[0-9a-f]{64}(?=[ *]|$)/.exec(line)?.[0];
}

function modeIn(line: string): number | undefined {
  return /^[0-7]{1,5}$/.test(line) ? Number.parseInt(line, 8) : undefined;
}

function* filesIn(text: string): Generator<[path: string, seen: SeenFile]> {
  for (const [, size, seconds, fraction = '', path = ''] of text.matchAll(/(\d+) (\d+)(?:\.(\d+))? ([^\0]*)\0/g)) {
    const modifiedAtMs = Number(seconds) * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
    yield [path, { sizeBytes: Number(size), modifiedAtMs }];
  }
}

function argumentsOf({ path, attributes: { mode, modifiedAtMs } }: AttributeChange): string[] {
  const octal = mode === undefined ? '-' : mode.toString(8);
  const time = modifiedAtMs === undefined ? undefined : isoTime(modifiedAtMs);
  if (time === undefined) return [octal, '-', '-', path];
  const [digits = '', seconds = ''] = [time.replace(/\D/g, '').slice(0, 12), time.slice(17, 19)];
  return [octal, time, `${digits}.${seconds}`, path];
}

/** In whole milliseconds, which is what servers tell. Undefined for a time that has no such form. */
function isoTime(modifiedAtMs: number): string | undefined {
  const date = new Date(Math.floor(modifiedAtMs));
  const year = date.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? date.toISOString() : undefined;
}

/** What of `attributes` is not as it was wished for, by the words of the script; without them, nothing is. */
function unkeptIn(attributes: FileAttributes, line: string | undefined): (keyof FileAttributes)[] {
  const wished = (['mode', 'modifiedAtMs'] as const).filter((name) => attributes[name] !== undefined);
  const isOutOfRange = attributes.modifiedAtMs !== undefined && isoTime(attributes.modifiedAtMs) === undefined;
  return wished.filter(
    (name) => line === undefined || line.split(' ').includes(name) || (name === 'modifiedAtMs' && isOutOfRange),
  );
}

/** `items` in runs whose paths fit the arguments of one program. */
function* batches<T>(
  items: readonly T[],
  pathOf: (item: T) => string,
  most: number = limits.processFiles,
): Generator<T[]> {
  let batch: T[] = [];
  let chars = 0;
  for (const item of items) {
    const itemChars = pathOf(item).length + 64;
    if (batch.length === most || (batch.length > 0 && chars + itemChars > limits.processArgumentChars)) {
      yield batch;
      [batch, chars] = [[], 0];
    }
    batch.push(item);
    chars += itemChars;
  }
  if (batch.length > 0) yield batch;
}

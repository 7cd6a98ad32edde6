// Where things stand in a TOML text, for messages. It looks at lines and does not parse: a key inside a text of several lines may
// mislead it, which costs a wrong line in a message and nothing else.

/** Places in the file `path`, as `PATH:LINE:COLUMN`, both from 1. */
export class TomlPlaces {
  readonly #path: string;
  readonly #lines: readonly string[];

  constructor(path: string, text: string) {
    this.#path = path;
    this.#lines = text.split('\n');
  }

  at(line: number, column: number): string {
    return `${this.#path}:${line}:${column}`;
  }

  /** The place of `key` before the first table; of the file's beginning where it is not found. */
  ofKey(key: string): string {
    const end = this.#lines.findIndex((line) => /^\s*\[/.test(line));
    return this.#find(key, 0, end < 0 ? this.#lines.length : end) ?? this.at(1, 1);
  }

  /** The place of `key` in the table number `index`, from 0, of the array `array`; of the table where it is not found. */
  ofKeyIn(array: string, index: number, key?: string): string {
    const header = new RegExp(`^\\s*\\[\\[\\s*${array}\\s*\\]\\]`);
    const starts = this.#lines.flatMap((line, at) => (header.test(line) ? [at] : []));
    const start = starts[index];
    if (start === undefined) return this.ofKey(array);
    const found = key === undefined ? undefined : this.#find(key, start + 1, starts[index + 1] ?? this.#lines.length);
    return found ?? this.at(start + 1, (this.#lines[start] ?? '').indexOf('[') + 1);
  }

  #find(key: string, from: number, to: number): string | undefined {
    const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const assignment = new RegExp(`^\\uFEFF?\\s*(?:(["']?)${escaped}\\1\\s*[.=]|\\[[\\w-]+\\.${escaped}\\])`);
    for (let at = from; at < to; at++) {
      const found = assignment.exec(this.#lines[at] ?? '');
      if (found !== null) return this.at(at + 1, found[0].lastIndexOf(key) + 1);
    }
    return undefined;
  }
}

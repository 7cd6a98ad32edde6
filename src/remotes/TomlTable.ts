// One table of a TOML file, read field by field with the types that it should have; every complaint says where.

import { UsageError } from '../errors.js';

/** The place of a field of the table, or of the table itself: `FILE:LINE:COLUMN`. */
export type PlaceOf = (key?: string) => string;

export class TomlTable {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly placeOf: PlaceOf;

  constructor(values: Readonly<Record<string, unknown>>, placeOf: PlaceOf) {
    this.#values = values;
    this.placeOf = placeOf;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  /** A complaint about each field that is none of `known`. */
  unknownFields(known: readonly string[]): string[] {
    const unknown = Object.keys(this.#values).filter((key) => !known.includes(key));
    return unknown.map((key) => `${this.placeOf(key)}: the field \`${key}\` is unknown and passed over`);
  }

  problem(key: string | undefined, text: string): UsageError {
    return new UsageError(`${this.placeOf(key)}: ${text}`);
  }

  /** @throws {UsageError} when it is there and no string; so the other readers */
  string(key: string): string | undefined {
    return this.#typed(key, 'a string', isString);
  }

  number(key: string): number | undefined {
    return this.#typed(key, 'a number', (value): value is number => typeof value === 'number');
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  strings(key: string): readonly string[] | undefined {
    return this.#typed(key, 'an array of strings', (value): value is string[] => {
      return Array.isArray(value) && value.every(isString);
    });
  }

  stringTable(key: string): Readonly<Record<string, string>> | undefined {
    return this.#typed(key, 'a table of strings', (value): value is Record<string, string> => {
      return isTable(value) && Object.values(value).every(isString);
    });
  }

  /** The tables of an array, none where it is absent. */
  tables(key: string): readonly Readonly<Record<string, unknown>>[] {
    const isTables = (value: unknown): value is Record<string, unknown>[] =>
      Array.isArray(value) && value.every(isTable);
    return this.#typed(key, `an array of tables: write [[${key}]]`, isTables) ?? [];
  }

  #typed<T>(key: string, expected: string, isIt: (value: unknown) => value is T): T | undefined {
    const value = this.has(key) ? this.#values[key] : undefined;
    if (value === undefined || isIt(value)) return value;
    throw this.problem(key, `${key} is not ${expected}`);
  }
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Dates of TOML are objects too, and arrays. */
function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

// Sizes, rates, durations and times as people read and write them. Sizes are in binary units with three digits.

import { UsageError } from '../errors.js';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `83.1 MiB`, `2.00 GiB`, `12 B`. */
export function formatSize(bytes: number): string {
  const power = powerOf(bytes);
  return `${inUnit(bytes, power)} ${units[power]}`;
}

/** `83.1M`, `2.00G`, `12`: as du -h has it, so that `sort -h` can read it. */
export function compactSize(bytes: number): string {
  return formatSize(bytes).replace(/ (?:([KMGTP])i)?B$/, '$1');
}

/** `118 of 310 MiB`: both in the unit of the whole; `118 of 310+ MiB` where the whole is at least that. */
export function formatShare(bytes: number, totalBytes: number, { isLeast = false } = {}): string {
  const power = powerOf(totalBytes);
  return `${inUnit(bytes, power)} of ${inUnit(totalBytes, power)}${isLeast ? '+' : ''} ${units[power]}`;
}

/** `83.1 MiB/s`. */
export function formatRate(bytes: number, ms: number): string {
  return `${formatSize((bytes * 1000) / Math.max(ms, 1))}/s`;
}

/** `12ms`, `1.3s`, `24s`, `3m07s`, `2h05m`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.floor(ms)}ms`;
  return ms < 9_950 ? `${(ms / 1_000).toFixed(1)}s` : formatSeconds(ms);
}

/** The same without fractions, for what is told again and again: `0s`, `7s`, `3m07s`, `2h05m`. */
export function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${twoDigits(seconds % 60)}s`;
  return `${Math.floor(seconds / 3_600)}h${twoDigits(Math.floor((seconds % 3_600) / 60))}m`;
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `30`, `30s`, `500ms`, `2m` or `1h`; a number alone is seconds. @throws {UsageError} */
export function parseDuration(text: string, option: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(number) * (durationUnits[unit] ?? 0);
  // What setTimeout can wait for.
  if (number !== '' && ms >= 1 && ms < 2 ** 31) return ms;
  throw new UsageError(`${option}: \`${text}\` is no duration`, { hint: 'write 30s, 500ms, 2m or 1h' });
}

const sizePowers: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 };

/** Bytes of `4096`, `512K`, `10M` or `1.5GiB`, in powers of 1024. @throws {UsageError} for other text and outside of `range` */
export function parseSize(
  text: string,
  option: string,
  range: { readonly least: number; readonly most?: number | undefined },
): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:iB|B)?$/i.exec(text) ?? [];
  if (number === '') {
    throw new UsageError(`${option}: \`${text}\` is no size`, { hint: 'write 4096, 512K, 10M or 1G' });
  }
  const bytes = Math.round(Number(number) * 1024 ** (sizePowers[unit.toUpperCase()] ?? 0));
  const { least, most = Number.MAX_SAFE_INTEGER } = range;
  if (bytes >= least && bytes <= most) return bytes;
  const bound = bytes < least ? `at least ${formatSize(least)}` : `at most ${formatSize(most)}`;
  throw new UsageError(`${option}: \`${text}\` is out of range: ${bound}`);
}

/** Milliseconds since 1970 as RFC 3339 in UTC; undefined for 0, by which a server says that it does not know. */
export function rfc3339(ms: number): string | undefined {
  return ms === 0 || Math.abs(ms) > 8.64e15 ? undefined : new Date(ms).toISOString();
}

/** How many items, in words: `1 file`, `219 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The power of 1024 whose unit shows `bytes` with less than 1024 of it, rounding included. */
function powerOf(bytes: number): number {
  let power = 0;
  while (power < units.length - 1 && Math.round(bytes / 1024 ** power) >= 1024) power++;
  return power;
}

function inUnit(bytes: number, power: number): string {
  const value = bytes / 1024 ** power;
  if (power === 0 || value === 0) return String(Math.round(value));
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

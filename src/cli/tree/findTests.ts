// What find looks for: each option is a test of one entry, and an entry that passes them all is found.

import picomatch from 'picomatch';
import { UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import type { NodeKind } from '../../transfer/readTree.js';
import { parseSize } from '../quantities.js';

export interface FindTestOptions {
  readonly name?: readonly string[];
  readonly iname?: readonly string[];
  readonly type?: string;
  readonly size?: readonly string[];
  readonly mtime?: readonly string[];
}

export interface Candidate {
  readonly name: string;
  readonly kind: NodeKind;
  /** Only where the tests need it, and undefined where it could not be learned. */
  readonly info: FileInfo | undefined;
}

export interface FindTest {
  /** Whether it looks at the facts about an entry, which cost a request. */
  readonly needsInfo: boolean;
  passes(candidate: Candidate): boolean;
}

/** The tests that `options` ask for; days are counted back from `nowMs`. @throws {UsageError} */
export function parseFindTests(options: FindTestOptions, nowMs: number): FindTest[] {
  return [
    ...(options.name ?? []).map((glob) => nameTest(glob, { nocase: false })),
    ...(options.iname ?? []).map((glob) => nameTest(glob, { nocase: true })),
    ...(options.type === undefined ? [] : [typeTest(options.type)]),
    ...(options.size ?? []).map(sizeTest),
    ...(options.mtime ?? []).map((text) => ageTest(text, nowMs)),
  ];
}

/** Passes what was modified after `modifiedAtMs`. */
export function newerTest(modifiedAtMs: number): FindTest {
  return { needsInfo: true, passes: ({ info }) => info !== undefined && info.modifiedAtMs > modifiedAtMs };
}

/** As for find, a dot at the beginning is nothing special. */
function nameTest(glob: string, { nocase }: { readonly nocase: boolean }): FindTest {
  const matches = picomatch(glob, { nocase, dot: true, nonegate: true, noextglob: true, posix: true });
  return { needsInfo: false, passes: ({ name }) => name === glob || matches(name) };
}

const kindLetters: Readonly<Record<string, NodeKind>> = { f: 'file', d: 'directory', l: 'link' };

function typeTest(text: string): FindTest {
  const kinds = text.split(',').map((letter) => kindLetters[letter]);
  if (kinds.includes(undefined)) {
    throw new UsageError(`--type: \`${text}\` is no type`, { hint: 'write f, d or l, or several as f,l' });
  }
  return { needsInfo: false, passes: ({ kind }) => kinds.includes(kind) };
}

/** Compares the size of files in bytes; unlike find it rounds nothing. */
function sizeTest(text: string): FindTest {
  const { compares, rest } = splitSign(text);
  const wanted = parseSize(rest.replace(/^(\d+)c$/, '$1'), '--size', { least: 0 });
  const passes = ({ kind, info }: Candidate) =>
    kind === 'file' && info?.sizeBytes !== undefined && compares(info.sizeBytes - wanted);
  return { needsInfo: true, passes };
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `+7` is longer ago than seven days, `-7` is not as long, and `7` is on the eighth day back, as find counts. */
function ageTest(text: string, nowMs: number): FindTest {
  const { sign, compares, rest } = splitSign(text);
  const [, number, unit = 'd'] = /^(\d+(?:\.\d+)?)([smhdw])?$/.exec(rest) ?? [];
  if (number === undefined) {
    throw new UsageError(`--mtime: \`${text}\` is no age`, { hint: 'write +7 (days), -12h, +90m or 2w' });
  }
  const [wanted, step] = [Number(number), unitMs[unit] ?? 1];
  const ageOf = (info: FileInfo) => (nowMs - info.modifiedAtMs) / step;
  const passes = ({ info }: Candidate) => {
    // A server says 0 where it does not know.
    if (info === undefined || info.modifiedAtMs === 0) return false;
    return compares((sign === '' ? Math.floor(ageOf(info)) : ageOf(info)) - wanted);
  };
  return { needsInfo: true, passes };
}

/** `+` is more, `-` is less, and neither is exactly. */
function splitSign(text: string) {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const compares = (difference: number) =>
    sign === '+' ? difference > 0 : sign === '-' ? difference < 0 : difference === 0;
  return { sign, compares, rest: text.slice(sign.length) };
}

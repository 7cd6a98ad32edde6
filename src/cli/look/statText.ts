// What stat writes for people and for scripts: a block of lines, or what a format asks for.

import { UsageError } from '../../errors.js';
import type { FileInfo } from '../../fs/FileSystem.js';
import { formatSize, rfc3339 } from '../quantities.js';
import { show } from '../show.js';

/** Makes the text for one path, line end included. `name` is the location as it was typed. */
export type StatWriter = (name: string, info: FileInfo) => string;

const unknown = 'unknown';

/** A few lines about each path, and an empty one between two. */
export function factsText(isTerminal: boolean): StatWriter {
  let isFirst = true;
  return (name, info) => {
    const gap = isFirst ? '' : '\n';
    isFirst = false;
    const size = info.sizeBytes === undefined ? unknown : `${info.sizeBytes} (${formatSize(info.sizeBytes)})`;
    const rows = [
      ['name', nameText(name, isTerminal)],
      ['type', kindText(info) + (info.isSymlink ? ', through a symbolic link' : '')],
      ['size', size],
      ['modified', timeText(info.modifiedAtMs)],
      ['created', timeText(info.createdAtMs)],
      ...(info.mode === undefined ? [] : [['mode', info.mode.toString(8).padStart(4, '0')]]),
    ];
    return `${gap}${rows.map(([label = '', value = '']) => `${`${label}:`.padEnd(10)}${value}\n`).join('')}`;
  };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' };

/**
 * A writer for `format`: %n the name, %s the size in bytes, %y the time of modification, %F the type, %% a percent sign, and
 * the escapes \n \t \r \0 \\. A format that does not end in an escape gets a line end.
 * @throws {UsageError} for any other letter
 */
export function parseFormat(format: string, isTerminal: boolean): StatWriter {
  const pieces = [...format.matchAll(/%([\s\S]?)|\\([\s\S]?)|[^%\\]+/g)];
  for (const [piece, directive, escaped] of pieces) {
    const isKnown = directive !== undefined ? 'nsyF%'.includes(directive) && directive !== '' : true;
    if (isKnown && (escaped === undefined || escaped in escapes)) continue;
    throw new UsageError(`--format: \`${piece}\` means nothing`, {
      hint: 'there are %n %s %y %F %% and \\n \\t \\r \\0 \\\\',
    });
  }
  const ending = /\\[ntr0]$/.test(format) ? '' : '\n';
  return (name, info) => {
    const texts = pieces.map(([piece, directive, escaped]) => {
      if (directive !== undefined) return directiveText(directive, name, info, isTerminal);
      return escaped === undefined ? piece : (escapes[escaped] ?? '');
    });
    return texts.join('') + ending;
  };
}

function directiveText(directive: string, name: string, info: FileInfo, isTerminal: boolean): string {
  switch (directive) {
    case 'n':
      return nameText(name, isTerminal);
    case 's':
      return info.sizeBytes === undefined ? unknown : String(info.sizeBytes);
    case 'y':
      return timeText(info.modifiedAtMs);
    case 'F':
      return kindText(info);
    default:
      return '%';
  }
}

/** As stat(1) calls them. */
function kindText({ kind }: FileInfo): string {
  return kind === 'file' ? 'regular file' : kind === 'directory' ? 'directory' : 'special file';
}

function timeText(ms: number): string {
  return rfc3339(ms) ?? unknown;
}

/** Off a terminal a name is data and stays as it is. */
function nameText(name: string, isTerminal: boolean): string {
  return isTerminal ? show(name) : name;
}

// The format of Codex's environments.toml, which codexfs's own config.toml has too: text in, remotes out. docs/REMOTES.md has the
// rules, as the real program was seen to keep them.

import { resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { UsageError } from '../errors.js';
import type { FileDefault, RemoteSpec, RemotesFile } from './registry.js';
import { Secret } from './Secret.js';
import { TomlPlaces } from './TomlPlaces.js';
import { TomlTable } from './TomlTable.js';

const array = 'environments';
const timeoutFields = ['connect_timeout_sec', 'initialize_timeout_sec'];
/** The fields of the file, and of a remote in it. */
export const fileFields = ['default', 'include_local', array];
export const remoteFields = [
  'id',
  'url',
  'auth_bearer_token',
  'program',
  'args',
  'env',
  'cwd',
  'skills',
  ...timeoutFields,
];
/** What timers can wait, in milliseconds: 2³¹ − 1, some 24 days. */
const longestWaitMs = 2_147_483_647;

/** Reads `text`, the contents of the file `path`, in `folder`. @throws {UsageError} with file, line and column when it is wrong */
export function parseEnvironments(text: string, path: string, folder: string): RemotesFile {
  const places = new TomlPlaces(path, text);
  const top = new TomlTable(parseToml(text, places), (key = array) => places.ofKey(key));
  const warnings = top.unknownFields(fileFields);
  const remotes: RemoteSpec[] = [];
  for (const [index, value] of top.tables(array).entries()) {
    const table = new TomlTable(value, (key) => places.ofKeyIn(array, index, key));
    warnings.push(...table.unknownFields(remoteFields));
    const remote = remoteOf(table, path, folder, warnings);
    if (remotes.some(({ name }) => name === remote.name))
      throw table.problem('id', `a second remote \`${remote.name}\``);
    remotes.push(remote);
  }
  return { remotes, default: defaultOf(top), warnings };
}

function parseToml(text: string, places: TomlPlaces): Record<string, unknown> {
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // Its text quotes the lines around, which may hold a token; so it is no cause either.
    const [first = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new UsageError(`${places.at(cause.line, cause.column)}: this is not TOML: ${first}`);
  }
}

function defaultOf(top: TomlTable): FileDefault | undefined {
  const name = top.string('default')?.trim();
  if (name === undefined) return undefined;
  if (name === '') throw top.problem('default', 'the name of the default is empty');
  if (name === 'local' && top.boolean('include_local') === false) {
    throw top.problem('default', 'the default is `local`, which include_local = false takes away');
  }
  return { name: name.toLowerCase() === 'none' ? undefined : name, place: top.placeOf('default') };
}

function remoteOf(table: TomlTable, path: string, folder: string, warnings: string[]): RemoteSpec {
  const name = nameOf(table);
  if (name.length === 1)
    warnings.push(`${table.placeOf('id')}: \`${name}:\` is a drive, so this remote cannot be named`);
  const url = table.string('url');
  const program = table.string('program');
  if ((url === undefined) === (program === undefined)) {
    throw table.problem('url', `the remote \`${name}\` needs either a url or a program`);
  }
  const only = program === undefined ? 'program' : 'url';
  const foreign = program === undefined ? ['args', 'env', 'cwd'] : ['auth_bearer_token', 'connect_timeout_sec'];
  for (const field of foreign) if (table.has(field)) throw table.problem(field, `${field} needs a ${only}`);
  const [connectTimeoutMs, initializeTimeoutMs] = timeoutFields.map((field) => millisecondsOf(table, field));
  const token = tokenOf(table);
  return {
    name,
    origin: path,
    target: program === undefined ? webSocketOf(table, warnings) : commandOf(table, program, folder),
    ...(token === undefined ? {} : { token }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(initializeTimeoutMs === undefined ? {} : { initializeTimeoutMs }),
  };
}

function nameOf(table: TomlTable): string {
  const id = table.string('id');
  if (id === undefined) throw table.problem(undefined, 'a remote without an id');
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    throw table.problem('id', `\`${id}\` is no name of a remote: 1 to 64 of A-Z a-z 0-9 _ -`);
  }
  if (id === 'local' || id.toLowerCase() === 'none') throw table.problem('id', `the name \`${id}\` is reserved`);
  return id;
}

function webSocketOf(table: TomlTable, warnings: string[]): RemoteSpec['target'] {
  const text = table.string('url')?.trim() ?? '';
  if (!/^wss?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) {
    throw table.problem('url', 'the url is no ws:// or wss:// address');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    warnings.push(`${table.placeOf('url')}: a user name or password in a url is never sent; use auth_bearer_token`);
  }
  url.username = '';
  url.password = '';
  url.hash = '';
  return { kind: 'webSocket', url: url.search === '' ? url.href.replace(/\/$/, '') : url.href };
}

function commandOf(table: TomlTable, program: string, folder: string): RemoteSpec['target'] {
  const trimmed = program.trim();
  if (trimmed === '') throw table.problem('program', 'the program is empty');
  const env = table.stringTable('env');
  const cwd = table.string('cwd');
  const command = {
    program: trimmed,
    args: table.strings('args') ?? [],
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(cwd === undefined ? {} : { cwd: resolve(folder, cwd) }),
  };
  return { kind: 'command', command };
}

function tokenOf(table: TomlTable): Secret | undefined {
  const token = table.string('auth_bearer_token')?.trim();
  if (token === undefined || token === '') return undefined;
  if (!/^[\x20-\x7e]+$/.test(token)) throw table.problem('auth_bearer_token', 'the token is not printable ASCII');
  return new Secret(token);
}

function millisecondsOf(table: TomlTable, field: string): number | undefined {
  const seconds = table.number(field);
  if (seconds === undefined) return undefined;
  if (!Number.isFinite(seconds) || seconds < 0) throw table.problem(field, `${field} is no number of seconds`);
  // A timer of 0 would mean for ever in places; a millisecond gives up as fast.
  return Math.min(Math.max(Math.round(seconds * 1000), 1), longestWaitMs);
}

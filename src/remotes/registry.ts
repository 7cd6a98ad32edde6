// Which remotes there are and where each comes from; the first definition of a name wins.

import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import type { ChildCommand } from '../transport/stdio.js';
import { packageRoot } from '../version.js';
import { closestName } from './closestName.js';
import { checkServerUrl, redactUrl } from './Location.js';
import type { Secret } from './Secret.js';
import { splitCommand } from './splitCommand.js';

/** A server that can be reached by name. People are shown `addressOf` it: a `url` may hold a secret in its query. */
export interface RemoteSpec {
  readonly name: string;
  /** Where the definition stands, in words: "--remote", the path of a file, "CODEX_EXEC_SERVER_URL", "built in". */
  readonly origin: string;
  /** The protocol that its definition says it speaks; found out in the handshake where it says nothing. */
  readonly kind?: 'app-server';
  readonly target:
    | { readonly kind: 'webSocket'; readonly url: string }
    | { readonly kind: 'command'; readonly command: ChildCommand };
  /** The bearer token that the definition holds. */
  readonly token?: Secret;
  /** Milliseconds to reach the server, and then to shake hands with it, where the definition says so. */
  readonly connectTimeoutMs?: number;
  readonly initializeTimeoutMs?: number;
}

export interface RegistrySources {
  /** The values of `--remote`, in order. */
  readonly definitions: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The files that define remotes, the most important first; none unless given. */
  readonly files?: readonly RemotesFile[];
}

/** What a file of remotes says. */
export interface RemotesFile {
  readonly remotes: readonly RemoteSpec[];
  readonly default: FileDefault | undefined;
  /** What is odd in the file and does no harm, one line each. */
  readonly warnings: readonly string[];
}

export interface FileDefault {
  /** A remote, which need not be there, or undefined: there shall be no default. */
  readonly name: string | undefined;
  /** `FILE:LINE:COLUMN`. */
  readonly place: string;
}

export class Registry {
  readonly #remotes: ReadonlyMap<string, RemoteSpec>;
  readonly #fileDefault: FileDefault | undefined;

  /** @throws {UsageError} when a definition is not one, or a default is not defined */
  constructor(sources: RegistrySources) {
    const remotes = new Map<string, RemoteSpec>();
    for (const spec of specsOf(sources)) if (!remotes.has(spec.name)) remotes.set(spec.name, spec);
    this.#remotes = remotes;
    this.#fileDefault = sources.files?.find((file) => file.default !== undefined)?.default;
    const { name, place } = this.#fileDefault ?? {};
    if (name !== undefined && !remotes.has(name)) {
      throw new UsageError(`${place}: there is no remote \`${name}\` to be the default`);
    }
  }

  /** What a path without a name is on: the remote that a file names, else the only one besides `local`. */
  get defaultRemote(): RemoteSpec | undefined {
    if (this.#fileDefault !== undefined) return this.#remotes.get(this.#fileDefault.name ?? '');
    const [only, ...others] = this.#configured();
    return others.length === 0 ? only : undefined;
  }

  get remotes(): RemoteSpec[] {
    return [...this.#remotes.values()];
  }

  has(name: string): boolean {
    return this.#remotes.has(name);
  }

  /** The remote called `name`, or the default one for an empty name. @throws {UsageError} when there is none */
  find(name: string, word: string): RemoteSpec {
    if (name === '') return this.#default(word);
    const spec = this.#remotes.get(name);
    if (spec !== undefined) return spec;
    throw new UsageError(`there is no remote called \`${name}\``, { hint: this.#meaningOf(name, word) });
  }

  /** What may have been meant by `name`, which is no remote, and how that is written. */
  #meaningOf(name: string, word: string): string {
    if (/^[a-z]+:\/\//i.test(word)) return 'a server is reached at ws://HOST:PORT/PATH or wss://HOST:PORT/PATH';
    const guess = closestName(name, [...this.#remotes.keys()]);
    const other = guess === undefined ? '`codexfs remotes` lists those there are;' : `did you mean ${guess}:?`;
    return `${other} for a local file of that name write ./${word}; to define the remote: --remote ${name}=ws://HOST:PORT`;
  }

  #default(word: string): RemoteSpec {
    const spec = this.defaultRemote;
    if (spec !== undefined) return spec;
    const needs = `\`${word}\` needs a default remote`;
    if (this.#fileDefault !== undefined)
      throw new UsageError(`${needs}, and ${this.#fileDefault.place} says there is none`);
    const names = this.#configured().map(({ name }) => `${name}:`);
    if (names.length > 0) {
      const hint = 'name the one that you mean';
      throw new UsageError(`${needs}, and there are several: ${names.join(', ')}`, { hint });
    }
    const hint = 'set CODEX_EXEC_SERVER_URL, or use --remote NAME=ws://HOST:PORT';
    throw new UsageError(`${needs}, and no remote is configured`, { hint });
  }

  #configured(): RemoteSpec[] {
    return this.remotes.filter(({ name }) => name !== localRemote.name);
  }
}

function* specsOf({ definitions, env, files = [] }: RegistrySources): Generator<RemoteSpec> {
  for (const definition of definitions) yield parseDefinition(definition);
  for (const file of files) yield* file.remotes;
  const url = env.CODEX_EXEC_SERVER_URL?.trim() ?? '';
  // Codex takes the word for "no remote" too.
  if (url !== '' && url.toLowerCase() !== 'none') {
    yield { name: 'remote', origin: 'CODEX_EXEC_SERVER_URL', ...parseServer(url, 'CODEX_EXEC_SERVER_URL') };
  }
  yield localRemote;
}

/** The exec-server of this package itself, run as a child: everything works on one machine with no set-up. */
const localRemote: RemoteSpec = {
  name: 'local',
  origin: 'built in',
  target: {
    kind: 'command',
    command: {
      program: process.execPath,
      args: [fileURLToPath(new URL('bin/codexfs.js', packageRoot)), 'serve', '--listen', 'stdio'],
    },
  },
};

const appServerMark = 'app+';

/** `NAME=URL` or `NAME=exec:PROGRAM ARGS…`; `app+` before what it is says that it is an app-server. */
function parseDefinition(definition: string): RemoteSpec {
  const match = /^([^=]*)=([\s\S]+)$/.exec(definition);
  const [, name = '', target = ''] = match ?? [];
  if (!/^[A-Za-z0-9_-]{2,64}$/.test(name)) {
    throw new UsageError(`\`--remote ${redactUrl(definition)}\` does not define a remote`, {
      hint: 'write --remote NAME=ws://HOST:PORT or --remote NAME="exec:PROGRAM ARGS…"; NAME has 2 to 64 of A-Z a-z 0-9 _ -',
    });
  }
  return { name, origin: '--remote', ...parseServer(target, `--remote ${name}`) };
}

/** What a definition says of a server: how it is reached, and what it is if the text begins with `app+`. */
function parseServer(text: string, where: string): Pick<RemoteSpec, 'kind' | 'target'> {
  if (!text.startsWith(appServerMark)) return { target: parseTarget(text, where) };
  return { kind: 'app-server', target: parseTarget(text.slice(appServerMark.length), where) };
}

function parseTarget(text: string, where: string): RemoteSpec['target'] {
  if (!text.startsWith('exec:')) return { kind: 'webSocket', url: checkServerUrl(text).href.replace(/\/$/, '') };
  const [program, ...args] = splitCommand(text.slice('exec:'.length));
  if (program === undefined) throw new UsageError(`${where}: there is no program behind exec:`);
  return { kind: 'command', command: { program, args } };
}

/** The remote that a `ws://HOST:PORT/PATH` location names by itself. */
export function urlRemote(url: string): RemoteSpec {
  return { name: url, origin: 'command line', target: { kind: 'webSocket', url } };
}

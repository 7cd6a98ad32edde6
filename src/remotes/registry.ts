// Which remotes there are and where each comes from; the first definition of a name wins.

import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import type { ChildCommand } from '../transport/stdio.js';
import { closestName } from './closestName.js';
import { checkServerUrl, redactUrl } from './Location.js';
import { splitCommand } from './splitCommand.js';

/** A server that can be reached by name. `url` never holds a secret. */
export interface RemoteSpec {
  readonly name: string;
  /** Where the definition stands, in words: "--remote", "CODEX_EXEC_SERVER_URL", "built in". */
  readonly origin: string;
  /** The protocol that its definition says it speaks; found out in the handshake where it says nothing. */
  readonly kind?: 'app-server';
  readonly target:
    | { readonly kind: 'webSocket'; readonly url: string }
    | { readonly kind: 'command'; readonly command: ChildCommand };
}

export interface RegistrySources {
  /** The values of `--remote`, in order. */
  readonly definitions: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Registry {
  readonly #remotes: ReadonlyMap<string, RemoteSpec>;

  /** @throws {UsageError} when a definition is not one */
  constructor(sources: RegistrySources) {
    const remotes = new Map<string, RemoteSpec>();
    for (const spec of specsOf(sources)) if (!remotes.has(spec.name)) remotes.set(spec.name, spec);
    this.#remotes = remotes;
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
    const guess = closestName(name, [...this.#remotes.keys()]);
    const didYouMean = guess === undefined ? '' : `did you mean ${guess}:? `;
    throw new UsageError(`there is no remote called \`${name}\``, {
      hint: `${didYouMean}for a local file of that name write ./${word}; to define the remote: --remote ${name}=ws://HOST:PORT`,
    });
  }

  #default(word: string): RemoteSpec {
    const configured = this.remotes.filter((spec) => spec.name !== localRemote.name);
    const [only] = configured;
    if (only !== undefined && configured.length === 1) return only;
    const names = configured.map((spec) => `${spec.name}:`).join(', ');
    throw new UsageError(
      only === undefined
        ? `\`${word}\` needs a default remote, and no remote is configured`
        : `\`${word}\` needs a default remote, and there are several: ${names}`,
      {
        hint:
          only === undefined
            ? 'set CODEX_EXEC_SERVER_URL, or use --remote NAME=ws://HOST:PORT'
            : 'name the one that you mean',
      },
    );
  }
}

function* specsOf({ definitions, env }: RegistrySources): Generator<RemoteSpec> {
  for (const definition of definitions) yield parseDefinition(definition);
  const url = env.CODEX_EXEC_SERVER_URL;
  if (url !== undefined && url !== '') {
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
      args: [fileURLToPath(new URL('../../../bin/codexfs.js', import.meta.url)), 'serve', '--listen', 'stdio'],
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

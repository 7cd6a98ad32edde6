// Answers a shell that wants completions: in time or not at all, and without a word of complaint, for a complaint would stand in the
// middle of what somebody types.

import { CodexfsError, TimeoutError } from '../../errors.js';
import { loadRegistry } from '../../remotes/loadRegistry.js';
import type { Registry, RemoteSpec } from '../../remotes/registry.js';
import { abortable } from '../../transfer/settle.js';
import type { CommandTree } from '../commands/CommandTree.js';
import { readTokens, type Tokens } from '../token.js';
import { forBash, splitBashLine } from './bashLine.js';
import { candidatesFor } from './candidates.js';
import type { Entry, Places } from './locations.js';
import { TypedLine } from './TypedLine.js';

/** Milliseconds from the start of the process in which a server may answer: what people take for an instant. */
const answerMs = 200;
/** The variable that says another number, for those whose servers are far away. */
const answerVariable = 'CODEXFS_COMPLETE_MS';

/** Writes the candidates for the last of `words`; for bash these are the characters that divide words, and the line. */
export async function complete(shell: string | undefined, words: readonly string[], tree: CommandTree): Promise<void> {
  const [breaks = '', line = ''] = words;
  const bashLine = shell === 'bash' ? splitBashLine(line) : undefined;
  const typed = bashLine?.words.slice(1) ?? words;
  const found = await answer(typed, tree).catch(nothingIfForeseen);
  const shown = bashLine === undefined ? found : found.map((candidate) => forBash(candidate, bashLine, breaks));
  // fish puts a blank behind a word by itself, and none behind a slash or a colon.
  const lines = shell === 'fish' ? shown.map((candidate) => candidate.trimEnd()) : shown;
  if (lines.length > 0) await tree.tell(`${lines.join('\n')}\n`);
  // A server that says goodbye slowly is not waited for.
  tree.host.leave();
}

async function answer(words: readonly string[], tree: CommandTree): Promise<string[]> {
  const typed = await TypedLine.read(words, (name) => tree.optionsOf(name));
  const places = placesOf(typed, tree.host.env);
  return candidatesFor(typed, { commands: tree.entries, places });
}

/** A server that cannot be had, a directory that is not there: nobody asked to be told. */
function nothingIfForeseen(error: unknown): string[] {
  const isSystemError = error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
  if (error instanceof CodexfsError || isSystemError) return [];
  throw error;
}

function placesOf(line: TypedLine, env: CommandTree['host']['env']): Places {
  const definitions = line.valuesOf('--remote');
  const file = line.valuesOf('--token-file').at(-1);
  let registry: Promise<Registry> | undefined;
  const warn = () => {};
  return {
    registry: () => {
      registry ??= loadRegistry({ definitions, env, isNameWanted: true, warn });
      return registry;
    },
    list(remote, directory) {
      const waitMs = (Number(env[answerVariable]) || answerMs) - performance.now();
      const late = new AbortController();
      setTimeout(() => late.abort(new TimeoutError('completion', answerMs)), Math.max(0, waitMs));
      const { signal } = late;
      return abortable(listDirectory(remote, directory, { token: readTokens({ file, env, warn }), signal }), signal);
    },
  };
}

async function listDirectory(
  remote: RemoteSpec,
  directory: string,
  { token, signal }: { readonly token: Promise<Tokens>; readonly signal: AbortSignal },
): Promise<Entry[]> {
  const { connectRemote } = await import('../../remotes/connect.js');
  const fileSystem = await connectRemote(remote, { ...(await token), signal });
  const entries = await fileSystem.list(fileSystem.resolve(directory), { signal });
  return entries
    .filter(({ problem }) => problem === undefined)
    .map(({ name, kind }) => ({ name, isDirectory: kind === 'directory' }));
}
